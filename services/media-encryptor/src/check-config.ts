import type { Log } from '@sealtrack/service-kit/logger';
import { openTrust } from '@sealtrack/trust-files/trust-settings';
import type { Config } from './config.ts';

/** What no setting shows by itself, tried without starting. @throws AppError CONFIG_INVALID. */
export async function checkConfig(config: Config, log: Log): Promise<void> {
  using _ = await openTrust(config, log);
}
