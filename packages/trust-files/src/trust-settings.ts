import { AppError } from '@sealtrack/errors/app-error';
import { setting } from '@sealtrack/service-kit/config';
import { path } from '@sealtrack/service-kit/config-types';
import type { Log } from '@sealtrack/service-kit/logger';
import { z } from 'zod';
import { openTrustFiles, type TrustFiles } from './trust-files.ts';

/** The settings of a service that judges certificates. `whatMayBeDone` completes "which certificates may …". */
export const trustSettings = (whatMayBeDone: string) => ({
  trustRootsFile: setting(
    'SEALTRACK_TRUST_ROOTS_FILE',
    path.optional(),
    'root certificates in PEM that recording certificates may lead to',
  ),
  trust: setting(
    'SEALTRACK_TRUST',
    z.enum(['any', 'roots'], 'is neither any nor roots').default('any'),
    `which certificates may ${whatMayBeDone}: "any", also self-signed ones and those that come with the root of a private CA; or only those that lead to "roots" of SEALTRACK_TRUST_ROOTS_FILE; "any" unless told`,
  ),
  crlFile: setting(
    'SEALTRACK_CRL_FILE',
    path.optional(),
    'revocation lists in PEM, read again when the file changes',
  ),
});

export interface TrustConfig {
  readonly trust: 'any' | 'roots';
  readonly trustRootsFile: string | undefined;
  readonly crlFile: string | undefined;
}

/**
 * The files that the settings name. `onChange` is called when what is in them is another.
 * @throws AppError CONFIG_INVALID.
 */
export async function openTrust(config: TrustConfig, log: Log, onChange?: () => void): Promise<TrustFiles> {
  requireRoots(config);
  const { trustRootsFile: rootsFile, crlFile } = config;
  return await openTrustFiles({ rootsFile, crlFile, ...(onChange && { onChange }) }, log);
}

/** Without any, every certificate would be refused, and nobody told why. */
function requireRoots({ trust, trustRootsFile }: TrustConfig): void {
  if (trust === 'roots' && trustRootsFile === undefined)
    throw new AppError('CONFIG_INVALID', 'Only trusted roots are to be accepted, and there are none', {
      fix: 'Set SEALTRACK_TRUST_ROOTS_FILE, or SEALTRACK_TRUST=any.',
    });
}
