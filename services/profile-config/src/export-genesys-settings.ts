import type {
  ExportGenesysSettingsRequest,
  ExportGenesysSettingsResponse,
  IvrProfile,
} from '@sealtrack/contracts/gen/sealtrack/profiles/v1/profiles';
import { AppError } from '@sealtrack/errors/app-error';
import type { TenantId } from '@sealtrack/ids/ids';
import { parseProfileId, parseTenantId } from '@sealtrack/ids/parse';
import { formatGenesysSettings } from './domain/format-genesys-settings.ts';
import { MAX_DOCUMENT_BYTES, MAX_PROFILES } from './domain/genesys-settings.ts';
import type { ProfileCalls } from './ports.ts';

export type ExportCalls = ProfileCalls<'getProfile' | 'listProfiles' | 'getScreenSettings'>;

const PAGE = 500;

/** ProfileService.ExportGenesysSettings. */
export function createExportGenesysSettings(calls: ExportCalls) {
  return async (request: ExportGenesysSettingsRequest): Promise<ExportGenesysSettingsResponse> => {
    const tenantId = parseTenantId(request.tenantId);
    const named = [...new Set(request.profileIds.map(parseProfileId))];
    const isAll = named.length === 0 && !request.screen;
    const profileIds = isAll ? await listIds(calls, tenantId) : named;
    if (profileIds.length > MAX_PROFILES) throw tooMuch();
    const profiles: IvrProfile[] = [];
    for (const profileId of profileIds)
      profiles.push(...(await readProfile(calls, tenantId, profileId, isAll)));
    const { settings: screen } =
      isAll || request.screen ? await calls.getScreenSettings({ tenantId }) : { settings: undefined };
    const document = formatGenesysSettings({ tenantId, profiles, screen });
    // It is to be one that an import takes.
    if (Buffer.byteLength(document) > MAX_DOCUMENT_BYTES) throw tooMuch();
    return { document };
  };
}

async function listIds(calls: ExportCalls, tenantId: TenantId): Promise<string[]> {
  const ids: string[] = [];
  for (let pageToken = ''; ids.length <= MAX_PROFILES; ) {
    const request = { tenantId, pageSize: PAGE, pageToken, query: '', includeDeleted: false };
    const { profiles, nextPageToken } = await calls.listProfiles(request);
    ids.push(...profiles.map(({ profileId }) => profileId));
    pageToken = nextPageToken;
    if (pageToken === '') break;
  }
  return ids;
}

/** One that is deleted while all are read is just not among them; one that was asked for is missed. */
async function readProfile(
  calls: ExportCalls,
  tenantId: TenantId,
  profileId: string,
  mayBeGone: boolean,
): Promise<IvrProfile[]> {
  const { profile } = await calls.getProfile({ tenantId, profileId });
  if (profile !== undefined && !profile.deleted) return [profile];
  if (mayBeGone) return [];
  throw new AppError('PROFILE_NOT_FOUND', `IVR profile ${profileId} was deleted`, {
    fix: 'Leave it out. See which there are: sealtrack profiles list.',
    details: { profile_id: profileId },
  });
}

const tooMuch = () =>
  new AppError('INVALID_ARGUMENT', `That is more than an import takes at a time`, {
    fix: `Name the profiles, and export them in parts of at most ${MAX_PROFILES} and ${MAX_DOCUMENT_BYTES} bytes: sealtrack profiles export does so by itself.`,
    details: { field: 'profile_ids' },
  });
