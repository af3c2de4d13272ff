import { openHttpTransport } from '@sealtrack/media-http/http-transport';
import type { Log } from '@sealtrack/service-kit/logger';
import type { TlsValues } from '@sealtrack/service-kit/tls-settings';
import { type Config, OPENLY } from './config.ts';

/** For --check-config: the certificate that browsers see. @throws AppError CONFIG_INVALID. */
export async function checkConfig({ http }: Config, log: Log, tls: TlsValues): Promise<void> {
  (await openHttpTransport(http, tls, log, OPENLY))[Symbol.dispose]();
}
