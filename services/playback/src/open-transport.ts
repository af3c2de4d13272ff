import type { HttpSettings } from '@sealtrack/media-http/http-settings';
import { type HttpTransport, openHttpTransport } from '@sealtrack/media-http/http-transport';
import type { Log } from '@sealtrack/service-kit/logger';
import type { TlsValues } from '@sealtrack/service-kit/tls-settings';

/** How players are served. @throws AppError CONFIG_INVALID. */
export const openTransport = (http: HttpSettings, tls: TlsValues, log: Log): Promise<HttpTransport> =>
  openHttpTransport(
    http,
    tls,
    log,
    'players are served over plain HTTP: whoever is on the way to the proxy in front can read recordings and tickets',
  );
