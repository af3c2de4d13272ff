import { MEDIA_SECURITY_HEADERS } from '@sealtrack/media-http/domain/security-headers';
import { sendBytes } from '@sealtrack/media-http/send-bytes';
import type { Log } from '@sealtrack/service-kit/logger';
import type { FastifyReply } from 'fastify';
import type { Asked } from './handler.ts';

export interface Streamed {
  readonly status: number;
  /** With a content-length where there are bytes. */
  readonly headers: Readonly<Record<string, string>>;
  /** Undefined for an answer without any. */
  readonly bytes: AsyncIterable<Uint8Array> | undefined;
}

/** As long as a crypto server lets a client take nothing. */
const SILENCE_MS = 60_000;

/**
 * Sends media as it comes, no faster than the browser takes it. What fails in the middle breaks the connection, so that it
 * never looks whole. Never fails.
 */
export async function sendStream(
  { request, signal, traceparent }: Asked,
  reply: FastifyReply,
  { status, headers, bytes }: Streamed,
  log: Pick<Log, 'info' | 'warn'>,
): Promise<FastifyReply> {
  reply.hijack();
  const { raw } = reply;
  let count = 0;
  const sent = (more: number) => {
    count += more;
  };
  try {
    raw.strictContentLength = bytes !== undefined;
    raw.writeHead(status, { ...ownHeaders(reply), ...MEDIA_SECURITY_HEADERS, ...headers });
    if (bytes === undefined || request.method === 'HEAD') raw.end();
    else await sendBytes(raw, bytes, { silenceMs: SILENCE_MS, signal, sent });
  } catch (err) {
    raw.destroy();
    const fields = { err, sent: count, traceparent };
    // Players leave as soon as they have enough.
    if (signal.aborted) log.info(fields, 'the browser took no more');
    else log.warn(fields, 'media was broken off');
  }
  return reply;
}

/** What every answer of this server has. */
const ownHeaders = (reply: FastifyReply): Record<string, string | string[]> =>
  Object.fromEntries(
    Object.entries(reply.getHeaders()).flatMap(([name, value]) =>
      value === undefined ? [] : [[name, Array.isArray(value) ? value : String(value)]],
    ),
  );
