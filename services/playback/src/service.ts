import { createPlaybackClient } from '@sealtrack/client/create-playback-client';
import type { ServiceContext } from '@sealtrack/service-kit/run';
import type { TlsValues } from '@sealtrack/service-kit/tls-settings';
import { PLAINTEXT } from '@sealtrack/tls/tls';
import { createAnswerRequest } from './adapters/answer-request.ts';
import { createCors } from './adapters/cors.ts';
import { startHttpServer } from './adapters/http-server.ts';
import { openHttpTransport } from './adapters/http-transport.ts';
import { createPlaybackMetrics } from './adapters/playback-metrics.ts';
import { createProxies } from './adapters/proxies.ts';
import { createRequestLimit } from './adapters/request-limit.ts';
import type { Config } from './config.ts';
import { securityHeaders } from './domain/security-headers.ts';
import { createStreamSlots } from './domain/stream-slots.ts';
import { createServeMedia } from './serve-media.ts';

/** As long as a crypto server lets a client take nothing. */
const SILENCE_MS = 60_000;

/** A browser that has enough takes nothing more for a while, and there are many: what waits here for each is kept small. */
const WINDOW_BYTES = 256 * 1024;

/** @param tls of the service, whose certificate is shown to browsers unless there is another one. */
export async function start(config: Config, { log, metrics, transport }: ServiceContext, tls: TlsValues) {
  await using stack = new AsyncDisposableStack();
  const http = stack.use(await openHttpTransport(config.http, tls, log));
  if (http.transport !== PLAINTEXT) {
    const expiry = metrics.gauge(
      'sealtrack_playback_certificate_expiry_timestamp_seconds',
      'When the certificate that browsers see expires, in Unix time',
    );
    http.onCertificate((notAfter) => expiry.set(notAfter.getTime() / 1000));
  }
  const client = stack.use(
    createPlaybackClient({ servers: config.cryptoAddresses, transport, log, windowBytes: WINDOW_BYTES }),
  );
  const proxies = createProxies(config.forwarding);
  let isClosing = false;
  const server = stack.use(
    await startHttpServer({
      listen: config.listen,
      transport: http.transport,
      answer: createAnswerRequest({
        serveMedia: createServeMedia(client, createStreamSlots(config.streamsPerTicket)),
        cors: createCors(config.allowedOrigins),
        ...{ proxies, proxyHeader: config.forwarding.header, silenceMs: SILENCE_MS, log },
        limitRequests: createRequestLimit(config.requestsPerSecond),
        metrics: createPlaybackMetrics(metrics),
        headers: securityHeaders(http.transport !== PLAINTEXT),
        isClosing: () => isClosing,
      }),
      maxConnections: config.maxConnections,
      connectionsPerAddress: config.connectionsPerAddress,
      ...{ proxies, log },
    }),
  );
  stack.defer(() => {
    isClosing = true;
  });
  const owned = stack.move();
  return { addresses: { http: server.address }, [Symbol.asyncDispose]: () => owned.disposeAsync() };
}
