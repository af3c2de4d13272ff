import { openHttpTransport } from '@sealtrack/media-http/http-transport';
import type { Log } from '@sealtrack/service-kit/logger';
import type { TlsValues } from '@sealtrack/service-kit/tls-settings';
import { type Config, OPENLY } from './config.ts';
import { providerSettings } from './provider-settings.ts';

/** For --check-config: the certificate that browsers see, and whether an identity provider can be asked. @throws AppError CONFIG_INVALID. */
export async function checkConfig(config: Config, log: Log, tls: TlsValues): Promise<void> {
  providerSettings(config);
  (await openHttpTransport(config.http, tls, log, OPENLY))[Symbol.dispose]();
}
