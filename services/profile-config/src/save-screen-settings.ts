import type {
  SaveScreenSettingsRequest,
  SaveScreenSettingsResponse,
  ScreenSettings,
} from '@sealtrack/contracts/gen/sealtrack/profiles/v1/profiles';
import { AppError } from '@sealtrack/errors/app-error';
import { parseTenantId } from '@sealtrack/ids/parse';
import { assign, parseCertificateIds } from './domain/assign.ts';
import { parsePolicy } from './domain/parse-settings.ts';
import type { Announcer, CertificateDirectory, EnsureHoldingKey, ScreenSettingsStore } from './ports.ts';
import { readCertificates } from './read-certificates.ts';

/**
 * ProfileService.SaveScreenSettings: all of them at once, or nothing. Without certificates the policy stays what it was,
 * so that taking the last one away never turns encryption off.
 */
export function createSaveScreenSettings(
  screenSettings: ScreenSettingsStore,
  certificates: CertificateDirectory,
  announcer: Pick<Announcer, 'screenSettingsChanged'>,
  ensureHoldingKey: EnsureHoldingKey,
) {
  return async (request: SaveScreenSettingsRequest): Promise<SaveScreenSettingsResponse> => {
    const tenantId = parseTenantId(request.tenantId);
    const ids = parseCertificateIds(request.certificateIds);
    const policy = request.policy === '' ? undefined : parsePolicy(request.policy);
    const current = await screenSettings.find(tenantId);
    if (isOther(current, request)) throw conflict(current);
    const before = current?.certificates ?? [];
    const read = await readCertificates(certificates, tenantId, ids, before);
    const wanted = {
      tenantId,
      certificates: assign(before, read, request.successions),
      policy: policy ?? current?.policy ?? 'required',
      revision: current?.revision ?? 0n,
    };
    await ensureHoldingKey(tenantId);
    const settings = await (current === undefined
      ? screenSettings.create(wanted)
      : screenSettings.update(wanted));
    await announcer.screenSettingsChanged(settings);
    return { settings };
  };
}

/** Whether these are not the settings that the change was made from. */
const isOther = (
  current: ScreenSettings | undefined,
  { expectedRevision, expectNone }: SaveScreenSettingsRequest,
): boolean =>
  expectNone ? current !== undefined : expectedRevision !== 0n && expectedRevision !== current?.revision;

const conflict = (current: ScreenSettings | undefined) =>
  new AppError('PROFILE_CONFLICT', 'The screen settings were changed by somebody else', {
    fix: 'See what they are now (sealtrack screen-certificates show), and make the change on that.',
    details: { revision: String(current?.revision ?? 0n) },
  });
