import type { OpenedMedia, PlaybackClient } from '@sealtrack/client/playback-client';
import { AppError } from '@sealtrack/errors/app-error';
import type { MediaId, RecordingId, TenantId } from '@sealtrack/ids/ids';
import { parseRange, type WantedRange } from './domain/byte-range.ts';
import { type Conditions, isConditional, isRangeOf, judgeConditions } from './domain/conditions.ts';
import { entityTag } from './domain/entity-tag.ts';
import { type DescribedMedia, mediaHeaders, partHeaders } from './domain/media-headers.ts';
import type { StreamSlots } from './domain/stream-slots.ts';

export interface MediaQuery extends Conditions {
  readonly method: 'GET' | 'HEAD';
  readonly tenantId: TenantId;
  readonly recordingId: RecordingId;
  readonly mediaId: MediaId;
  /** To be had once and as a whole. */
  readonly isExport: boolean;
  /** What allows it; or whom it is for, where the caller may act for people. */
  readonly by: { readonly ticket: string } | { readonly onBehalfOf: readonly string[] };
  /** Whose streams are counted: a ticket, or a session. */
  readonly holder: string;
  /** In the audit record of each range. */
  readonly purpose: string;
  /** The header. */
  readonly range: string | undefined;
  /** Of whoever listens; empty when it is not known. */
  readonly clientAddress: string;
  readonly traceparent: string;
  readonly signal: AbortSignal;
}

/** To be disposed, whether its bytes were read or not. */
export interface MediaAnswer extends AsyncDisposable {
  readonly status: 200 | 206 | 304 | 412;
  readonly headers: Readonly<Record<string, string>>;
  readonly bytes: AsyncIterable<Uint8Array> | undefined;
}

export type ServeMedia = (query: MediaQuery) => Promise<MediaAnswer>;

/**
 * GET and HEAD of a recording's media. Ranges of HTTP become ranges of DecryptMedia, and whether there is
 * anything to be had is for the crypto servers to say. HEAD, conditions and the last bytes take a look at the header first,
 * with which nothing is decrypted and no record written. @throws AppError as the crypto servers do.
 */
export function createServeMedia(
  client: Pick<PlaybackClient, 'open' | 'describe'>,
  slots: StreamSlots,
): ServeMedia {
  return async (query) => {
    const request = requestOf(query);
    // One use is one download: a part of it would be all that there ever is.
    const asked = query.method === 'GET' && !query.isExport ? parseRange(query.range) : undefined;
    let range = asked !== undefined && 'offset' in asked ? asked : undefined;
    if (query.method === 'HEAD' || isConditional(query) || asked !== range) {
      const media = describe(query, await client.describe(request));
      const tag = entityTag(media);
      const verdict = judgeConditions(query, tag);
      if (verdict === 'failed') return answer(412, {});
      if (verdict === 'not modified') return answer(304, tag === undefined ? {} : { etag: tag });
      if (query.method === 'HEAD') return answer(200, mediaHeaders(media));
      range = isRangeOf(query, tag) ? asked && fromOffset(asked, media.size) : undefined;
    }
    const giveBack = slots.take(query.holder);
    try {
      const opened = await client.open({ ...request, purpose: query.purpose, range });
      const media = describe(query, opened);
      const headers = range === undefined ? mediaHeaders(media) : partHeaders(media, opened.range);
      return answer(range === undefined ? 200 : 206, headers, opened, giveBack);
    } catch (error) {
      giveBack();
      throw error;
    }
  };
}

const requestOf = ({
  tenantId,
  recordingId,
  mediaId,
  by,
  clientAddress,
  traceparent,
  signal,
}: MediaQuery) => ({
  ...{ tenantId, recordingId, mediaId, ...by, clientAddress, traceparent, signal },
});

const describe = (
  { tenantId, recordingId, mediaId, isExport }: MediaQuery,
  { contentType, size, checksum }: { contentType: string; size: number; checksum: string },
): DescribedMedia => ({ tenantId, recordingId, mediaId, isExport, contentType, size, checksum });

type FromOffset = Extract<WantedRange, { offset: number }>;

/** @throws AppError RANGE_NOT_SATISFIABLE for the last 0 bytes. */
function fromOffset(range: WantedRange, size: number): FromOffset {
  if (!('last' in range)) return range;
  if (range.last > 0) return { offset: Math.max(0, size - range.last), length: undefined };
  throw new AppError('RANGE_NOT_SATISFIABLE', 'The last 0 bytes are nothing', {
    fix: `Ask for a range that begins before ${size}.`,
    details: { size: String(size) },
  });
}

const answer = (
  status: MediaAnswer['status'],
  headers: Record<string, string>,
  opened?: OpenedMedia,
  giveBack = () => {},
): MediaAnswer => ({
  ...{ status, headers, bytes: opened?.bytes },
  async [Symbol.asyncDispose]() {
    giveBack();
    await opened?.[Symbol.asyncDispose]();
  },
});
