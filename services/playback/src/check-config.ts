import type { Log } from '@sealtrack/service-kit/logger';
import type { TlsValues } from '@sealtrack/service-kit/tls-settings';
import type { Config } from './config.ts';
import { openTransport } from './open-transport.ts';

/** For --check-config: the certificate that browsers see. @throws AppError CONFIG_INVALID. */
export async function checkConfig({ http }: Config, log: Log, tls: TlsValues): Promise<void> {
  (await openTransport(http, tls, log))[Symbol.dispose]();
}
