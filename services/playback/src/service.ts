import { createPlaybackClient } from '@sealtrack/client/create-playback-client';
import { createStreamSlots } from '@sealtrack/media-http/domain/stream-slots';
import { createHttpServer } from '@sealtrack/media-http/http-server';
import { createProxies } from '@sealtrack/media-http/proxies';
import { createRequestLimit } from '@sealtrack/media-http/request-limit';
import { createServeMedia } from '@sealtrack/media-http/serve-media';
import type { ServiceContext } from '@sealtrack/service-kit/run';
import type { TlsValues } from '@sealtrack/service-kit/tls-settings';
import { PLAINTEXT } from '@sealtrack/tls/tls';
import { createAnswerRequest } from './adapters/answer-request.ts';
import { createCors } from './adapters/cors.ts';
import { createPlaybackMetrics } from './adapters/playback-metrics.ts';
import type { Config } from './config.ts';
import { securityHeaders } from './domain/security-headers.ts';
import { openTransport } from './open-transport.ts';

/** As long as a crypto server lets a client take nothing. */
const SILENCE_MS = 60_000;

/** A browser that has enough takes nothing more for a while, and there are many: what waits here for each is kept small. */
const WINDOW_BYTES = 256 * 1024;

/** @param tls of the service, whose certificate is shown to browsers unless there is another one. */
export async function start(config: Config, { log, metrics, transport }: ServiceContext, tls: TlsValues) {
  await using stack = new AsyncDisposableStack();
  const http = stack.use(await openTransport(config.http, tls, log));
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
  const answer = createAnswerRequest({
    serveMedia: createServeMedia(client, slots(config.streamsPerTicket)),
    cors: createCors(config.allowedOrigins),
    ...{ proxies, proxyHeader: config.forwarding.header, silenceMs: SILENCE_MS, log },
    limitRequests: createRequestLimit(config.requestsPerSecond),
    metrics: createPlaybackMetrics(metrics),
    headers: securityHeaders(http.transport !== PLAINTEXT),
    isClosing: () => isClosing,
  });
  const { maxConnections, connectionsPerAddress } = config.connections;
  const server = stack.use(
    createHttpServer(
      { transport: http.transport, maxConnections, connectionsPerAddress, proxies, log },
      (request, response) => void answer(request, response),
    ),
  );
  const address = await server.listen(config.listen);
  stack.defer(() => {
    isClosing = true;
  });
  const owned = stack.move();
  return { addresses: { http: address }, [Symbol.asyncDispose]: () => owned.disposeAsync() };
}

const slots = (most: number) =>
  createStreamSlots(most, {
    message: `The ticket is used for ${most} streams already`,
    fix: 'End one of them, or have another ticket made.',
  });
