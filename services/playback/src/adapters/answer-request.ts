import type { IncomingMessage, ServerResponse } from 'node:http';
import { AppError, toAppError } from '@sealtrack/errors/app-error';
import type { Proxies } from '@sealtrack/media-http/proxies';
import type { LimitRequests } from '@sealtrack/media-http/request-limit';
import { Silent, sendBytes } from '@sealtrack/media-http/send-bytes';
import type { MediaAnswer, ServeMedia } from '@sealtrack/media-http/serve-media';
import type { Log } from '@sealtrack/service-kit/logger';
import { continueTrace, parseTraceparent } from '@sealtrack/service-kit/trace';
import { type Problem, problemOf } from '../domain/problem.ts';
import { readClaims } from '../ticket-claims.ts';
import type { Cors } from './cors.ts';
import type { PlaybackMetrics } from './playback-metrics.ts';
import { readTarget, readTicket, type Target } from './read-request.ts';

export interface AnswerDeps {
  readonly serveMedia: ServeMedia;
  readonly cors: Cors;
  readonly proxies: Proxies;
  readonly proxyHeader: 'x-forwarded-for' | 'forwarded';
  readonly limitRequests: LimitRequests;
  readonly metrics: PlaybackMetrics;
  readonly log: Log;
  /** How long a client may take nothing of its response. */
  readonly silenceMs: number;
  /** Of every response, beside those that belong to it. */
  readonly headers: Readonly<Record<string, string>>;
  /** Whether no further requests are to come on a connection. */
  readonly isClosing: () => boolean;
}

/** What is known of one request, for its line in the log. Never its address as it was sent: a ticket is in it. */
interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly traceparent: string;
  readonly client: string;
  readonly signal: AbortSignal;
  readonly facts: Record<string, string | number>;
}

/** Answers one request, whatever it is. Never throws. */
export type AnswerRequest = (request: IncomingMessage, response: ServerResponse) => Promise<void>;

export function createAnswerRequest(deps: AnswerDeps): AnswerRequest {
  const { proxies, proxyHeader, metrics, log } = deps;
  return async (request, response) => {
    const began = performance.now();
    const gone = new AbortController();
    response.on('close', () => {
      if (!response.writableFinished) gone.abort(clientGone());
    });
    const forwarded = request.headers[proxyHeader];
    const client = proxies.clientOf(
      request.socket.remoteAddress ?? '',
      Array.isArray(forwarded) ? forwarded.join(',') : forwarded,
    );
    const traceparent = continueTrace(request.headers.traceparent?.toString());
    const exchange: Exchange = { request, response, traceparent, client, signal: gone.signal, facts: {} };
    for (const [name, value] of Object.entries({ ...deps.headers, ...deps.cors.of(request) }))
      response.setHeader(name, value);
    // A body is never read, so nothing behind it can be.
    const hasBody =
      request.headers['transfer-encoding'] || Number(request.headers['content-length'] ?? 0) > 0;
    if (hasBody || deps.isClosing()) response.setHeader('connection', 'close');

    const failure = await answer(exchange, deps);
    const { statusCode: status } = response;
    const fields = {
      ...{ method: request.method, status, ms: Math.round(performance.now() - began), client },
      ...{ ...exchange.facts, traceparent },
    };
    if (exchange.facts.route === 'healthz') return log.debug(fields, 'http');
    metrics.answered(status);
    if (failure === undefined) return log.info(fields, 'http');
    const by = gone.signal.aborted ? 'client' : failure.error instanceof Silent ? 'silent' : 'server';
    if (failure.isBreak) metrics.brokenOff(by);
    if (by === 'server' && (failure.isBreak || status >= 500))
      log.warn({ ...fields, err: failure.error }, 'http failed');
    else log.info({ ...fields, ...(by === 'server' ? {} : { endedBy: by }) }, 'http');
  };
}

interface Failure {
  readonly error: unknown;
  /** Whether a response had begun. */
  readonly isBreak: boolean;
}

/** Resolves to what went wrong. */
async function answer(exchange: Exchange, deps: AnswerDeps): Promise<Failure | undefined> {
  const { response } = exchange;
  try {
    await route(exchange, deps);
    return undefined;
  } catch (error) {
    const isBreak = response.headersSent;
    // Bytes that are missing must be missed: what breaks off is never a whole response.
    if (isBreak) response.destroy();
    else sendProblem(exchange, problemOf(toAppError(error)));
    return { error, isBreak };
  }
}

async function route(exchange: Exchange, deps: AnswerDeps): Promise<void> {
  const { request, response, facts } = exchange;
  const target = readTarget(request.url ?? '/');
  const { name } = target.route;
  if (name === 'unknown') return sendProblem(exchange, problemOf(notFound(), true));
  facts.route = name;
  if (request.method === 'OPTIONS') {
    const headers = deps.cors.preflight(request);
    if (headers !== undefined) return void response.writeHead(204, headers).end();
  }
  if (request.method !== 'GET' && request.method !== 'HEAD') return refuseMethod(exchange);
  if (name === 'healthz') {
    const status = deps.isClosing() ? 503 : 200;
    return void response.writeHead(status, TEXT).end(status === 200 ? 'serving\n' : 'stopping\n');
  }
  await serve(exchange, target, deps);
}

/** In the audit record of each range. */
const PURPOSE = 'playback';

const TEXT = { 'content-type': 'text/plain' };

async function serve(exchange: Exchange, { route, query }: Target, deps: AnswerDeps): Promise<void> {
  if (route.name !== 'media') return;
  const { request, response, signal, facts, client, traceparent } = exchange;
  const { recordingId, mediaId } = route;
  Object.assign(facts, { recordingId, mediaId, bytes: 0 });
  deps.limitRequests(client);
  const { headers } = request;
  const began = performance.now();
  const ticket = readTicket(request, query);
  await using answered: MediaAnswer = await deps.serveMedia({
    ...{ recordingId, mediaId, clientAddress: client, traceparent, signal },
    method: request.method === 'HEAD' ? 'HEAD' : 'GET',
    ...{ ...readClaims(ticket), by: { ticket }, holder: ticket, purpose: PURPOSE },
    range: headers.range,
    ifMatch: headers['if-match'],
    ifNoneMatch: headers['if-none-match'],
    ifRange: headers['if-range']?.toString(),
  });
  const { status, bytes } = answered;
  const range = answered.headers['content-range'];
  if (range !== undefined) facts.range = range;
  response.strictContentLength = bytes !== undefined;
  response.writeHead(status, { ...answered.headers });
  if (bytes === undefined) return void response.end();
  deps.metrics.firstByte((performance.now() - began) / 1000);
  using _ = deps.metrics.streaming();
  const sent = (count: number) => {
    facts.bytes = Number(facts.bytes) + count;
    deps.metrics.sent(count);
  };
  await sendBytes(response, bytes, { silenceMs: deps.silenceMs, signal, sent });
}

function refuseMethod(exchange: Exchange): void {
  exchange.response.setHeader('allow', 'GET, HEAD');
  const error = new AppError('INVALID_ARGUMENT', 'Only GET and HEAD are served here', {
    fix: 'Use one of them.',
  });
  sendProblem(exchange, { ...problemOf(error, true), status: 405 });
}

function sendProblem(
  { request, response, traceparent, facts }: Exchange,
  { status, headers, body }: Problem,
): void {
  facts.code = body.code;
  const traceId = parseTraceparent(traceparent)?.traceId;
  const text = `${JSON.stringify({ ...body, status, traceId })}\n`;
  response.writeHead(status, {
    ...headers,
    'content-type': 'application/problem+json',
    'content-length': Buffer.byteLength(text),
  });
  response.end(request.method === 'HEAD' ? undefined : text);
}

const notFound = (): AppError =>
  new AppError('OBJECT_NOT_FOUND', 'There is nothing here', {
    fix: 'Recordings are at /v1/recordings/{id}/media/{media}?ticket=….',
  });

const clientGone = (): AppError =>
  new AppError('CANCELLED', 'The client went away', { fix: 'Nothing, if it meant to.' });
