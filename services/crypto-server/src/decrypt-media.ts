import type {
  ByteRange,
  DecryptMediaRequest,
  DecryptMediaResponse,
} from '@sealtrack/contracts/gen/sealtrack/decryption/v1/decryption';
import { parseEnvelope } from '@sealtrack/envelope/envelope';
import { taggedMedia } from '@sealtrack/envelope/manifest';
import { openMedia } from '@sealtrack/envelope/open-media';
import { AppError } from '@sealtrack/errors/app-error';
import { parseLine } from '@sealtrack/ids/line';
import { parseMediaId, parseRecordingId, parseTenantId } from '@sealtrack/ids/parse';
import type { MediaStore } from '@sealtrack/media-store/media-store';
import { steadily } from '@sealtrack/service-kit/steady-memory';
import type { FindMedia } from './find-media.ts';
import type { AuditTrail } from './ports.ts';
import type { UnwrapMediaKey } from './unwrap-media-key.ts';

const MAX_PURPOSE = 256;

export interface DecryptMediaDeps {
  readonly findMedia: FindMedia;
  readonly unwrap: UnwrapMediaKey;
  readonly audit: AuditTrail;
  readonly store: MediaStore;
}

export interface CallerContext {
  readonly signal: AbortSignal;
  readonly peer: string;
  readonly traceparent: string;
}

/**
 * DecryptionService.DecryptMedia. Nothing leaves, not even the header, before the audit record is durable; and no
 * byte before its segment is verified.
 */
export function createDecryptMedia({ findMedia, unwrap, audit, store }: DecryptMediaDeps) {
  return async function* (
    request: DecryptMediaRequest,
    caller: CallerContext,
  ): AsyncGenerator<DecryptMediaResponse> {
    const tenantId = parseTenantId(request.tenantId);
    const recordingId = parseRecordingId(request.recordingId);
    const mediaId = parseMediaId(request.mediaId);
    const purpose = parseLine('purpose', request.purpose, { min: 0, max: MAX_PURPOSE });
    const { manifest, media, ciphertextKey } = await findMedia(tenantId, recordingId, mediaId, caller.signal);
    const range = parseRange(request.range, media.plaintextSize);
    const envelope = parseEnvelope(media.envelope);
    const { dek, certificateId } = await unwrap(tenantId, envelope, media.certificateIds, caller.signal);
    try {
      await audit.decryptRequested(
        {
          tenantId,
          recordingId,
          mediaId,
          certificateId,
          offset: BigInt(range.offset),
          length: BigInt(range.length),
          caller: caller.peer,
          purpose,
        },
        caller.traceparent,
      );
      yield { part: { $case: 'header', value: header(media.contentType, media.plaintextSize, range) } };
      const read = (offset: number, length: number) =>
        steadily(store.read(ciphertextKey, { offset, length, signal: caller.signal }));
      for await (const chunk of openMedia(taggedMedia(manifest, media), dek, read, range))
        yield {
          part: { $case: 'chunk', value: Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength) },
        };
    } finally {
      dek.fill(0);
    }
  };
}

interface Range {
  readonly offset: number;
  readonly length: number;
}

const header = (contentType: string, size: number, { offset, length }: Range) => ({
  contentType,
  size: BigInt(size),
  range: { offset: BigInt(offset), length: BigInt(length) },
});

/** The bytes asked for, cut to those there are. @throws AppError RANGE_NOT_SATISFIABLE. */
function parseRange(range: ByteRange | undefined, size: number): Range {
  if (range === undefined) return { offset: 0, length: size };
  if (range.offset >= BigInt(size))
    throw new AppError(
      'RANGE_NOT_SATISFIABLE',
      `The range begins at ${range.offset}, but the media has ${size} bytes`,
      {
        fix: `Ask for a range that begins before ${size}.`,
        details: { size: String(size) },
      },
    );
  const offset = Number(range.offset);
  const rest = size - offset;
  const length = range.length === 0n || range.length > BigInt(rest) ? rest : Number(range.length);
  return { offset, length };
}
