import type { Log } from '@sealtrack/service-kit/logger';
import { openTrust } from '@sealtrack/trust-files/trust-settings';
import { readApprovers } from './adapters/approvers-file.ts';
import { createUnsealProvider } from './adapters/unseal-provider.ts';
import type { Config } from './config.ts';

/** What no setting shows by itself, tried without starting. Takes the keys out of the configuration. @throws AppError CONFIG_INVALID. */
export async function checkConfig(config: Config, log: Log): Promise<void> {
  createUnsealProvider(config);
  if (config.approversFile !== undefined) await readApprovers(config.approversFile);
  using _ = await openTrust(config, log);
}
