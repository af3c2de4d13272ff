import { AppError } from '@sealtrack/errors/app-error';
import type { Log } from '@sealtrack/service-kit/logger';
import { readApprovers } from './adapters/approvers-file.ts';
import { openTrustFiles } from './adapters/trust-files.ts';
import { createUnsealProvider } from './adapters/unseal-provider.ts';
import type { Config } from './config.ts';

/** What no setting shows by itself, tried without starting. Takes the keys out of the configuration. @throws AppError CONFIG_INVALID. */
export async function checkConfig(config: Config, log: Log): Promise<void> {
  createUnsealProvider(config);
  requireRoots(config);
  if (config.approversFile !== undefined) await readApprovers(config.approversFile);
  const { trustRootsFile: rootsFile, crlFile } = config;
  using _ = await openTrustFiles({ rootsFile, crlFile }, log);
}

/** Without any, every certificate would be refused, and nobody told why. @throws AppError CONFIG_INVALID. */
export function requireRoots({ trust, trustRootsFile }: Pick<Config, 'trust' | 'trustRootsFile'>): void {
  if (trust === 'roots' && trustRootsFile === undefined)
    throw new AppError('CONFIG_INVALID', 'Only trusted roots are to be accepted, and there are none', {
      fix: 'Set SEALTRACK_TRUST_ROOTS_FILE, or SEALTRACK_TRUST=any.',
    });
}
