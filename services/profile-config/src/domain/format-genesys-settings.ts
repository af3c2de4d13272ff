import { parseCertificate } from '@sealtrack/certificates/certificate';
import { encodePem } from '@sealtrack/certificates/pem';
import type {
  AssignedCertificate,
  IvrProfile,
  MediaSettings,
  ScreenSettings,
} from '@sealtrack/contracts/gen/sealtrack/profiles/v1/profiles';
import { isPolicy } from '@sealtrack/ids/media-types';
import { formatAlias } from './genesys-alias.ts';

export interface SettingsToFormat {
  readonly tenantId: string;
  readonly profiles: readonly IvrProfile[];
  /** Undefined when there are none. */
  readonly screen: ScreenSettings | undefined;
}

type Options = Record<string, string>;

/** A document of docs/genesys.md. */
export function formatGenesysSettings({ tenantId, profiles, screen }: SettingsToFormat): string {
  const document = {
    tenant: tenantId,
    profiles: profiles.map((profile) => formatProfile(tenantId, profile)),
    ...(screen === undefined
      ? {}
      : {
          screen: pairs(tenantId, screen.certificates),
          sealtrack: { complete: 'true', ...ownOptions(screen) },
        }),
  };
  return JSON.stringify(document, null, 2);
}

function formatProfile(tenantId: string, profile: IvrProfile) {
  const { profileId, name, suite, screen, digital, certificates } = profile;
  const media = (settings: MediaSettings): Options => ({
    ...pairs(tenantId, settings.certificates),
    ...ownOptions(settings),
  });
  return {
    dbid: Number.isSafeInteger(Number(profileId)) ? Number(profileId) : profileId,
    name,
    annex: {
      'recording-certificates': pairs(tenantId, certificates),
      sealtrack: { complete: 'true', suite, ...ownOptions(profile) },
      ...(screen === undefined ? {} : { 'sealtrack-screen': media(screen) }),
      ...(digital === undefined ? {} : { 'sealtrack-digital': media(digital) }),
    },
  };
}

/** Numbered from 1 without gaps, as Genesys numbers them. */
const pairs = (tenantId: string, certificates: readonly AssignedCertificate[]): Options =>
  Object.fromEntries(
    certificates.flatMap(({ der }, i) => {
      // One that was assigned long ago may be too weak by now.
      const { issuer, serialNumber } = parseCertificate(der, { allowWeak: true });
      return [
        [`certificate-${i + 1}`, encodePem('CERTIFICATE', der).toString('latin1')],
        [`certificatealias-${i + 1}`, formatAlias(tenantId, i + 1, issuer, serialNumber)],
      ];
    }),
  );

/** What Genesys has no options for. */
function ownOptions({ certificates, policy }: MediaSettings): Options {
  const ids = new Set(certificates.map(({ certificateId }) => certificateId));
  const extras = certificates.flatMap(({ replaces, useFrom }, i) => [
    ...(ids.has(replaces) ? [[`replaces-${i + 1}`, replaces]] : []),
    ...(useFrom === undefined ? [] : [[`use-from-${i + 1}`, useFrom.toISOString()]]),
  ]);
  return { policy: isPolicy(policy) ? policy : 'required', ...Object.fromEntries(extras) };
}
