import type {
  ByteRange,
  DecryptMediaRequest,
  DecryptMediaResponse,
} from '@sealtrack/contracts/gen/sealtrack/decryption/v1/decryption';
import { AppError } from '@sealtrack/errors/app-error';
import { parseLine } from '@sealtrack/ids/line';
import { parseMediaId, parseRecordingId, parseTenantId } from '@sealtrack/ids/parse';
import type { MediaStore } from '@sealtrack/media-store/media-store';
import type { Log } from '@sealtrack/service-kit/logger';
import { steadily } from '@sealtrack/service-kit/steady-memory';
import { type CallerContext, callerText } from './caller-context.ts';
import { checkCiphertextSize } from './check-ciphertext-size.ts';
import type { FindMedia, FoundMedia } from './find-media.ts';
import { openFoundMedia } from './open-found-media.ts';
import type { AuditTrail } from './ports.ts';
import { createRecordFailure } from './record-failure.ts';
import type { UnwrapMediaKey } from './unwrap-media-key.ts';

const MAX_PURPOSE = 256;

export interface DecryptMediaDeps {
  readonly findMedia: FindMedia;
  readonly unwrap: UnwrapMediaKey;
  readonly audit: Pick<AuditTrail, 'decryptRequested' | 'decryptFailed'>;
  readonly store: MediaStore;
  readonly log: Log;
}

/**
 * DecryptionService.DecryptMedia. Nothing leaves, not even the header, before the audit record is durable; and no
 * byte before its segment is verified. Media that is stored in clear takes no key, and the same record.
 */
export function createDecryptMedia({ findMedia, unwrap, audit, store, log }: DecryptMediaDeps) {
  const recordFailure = createRecordFailure(audit, log);
  return async function* (
    request: DecryptMediaRequest,
    caller: CallerContext,
  ): AsyncGenerator<DecryptMediaResponse> {
    const tenantId = parseTenantId(request.tenantId);
    const recordingId = parseRecordingId(request.recordingId);
    const mediaId = parseMediaId(request.mediaId);
    const purpose = parseLine('purpose', request.purpose, { min: 0, max: MAX_PURPOSE });
    const found = await findMedia(tenantId, recordingId, mediaId, caller.signal);
    const { media, ciphertextKey } = found;
    if (request.headerOnly) {
      yield { part: { $case: 'header', value: header(media, { offset: 0, length: media.plaintextSize }) } };
      return;
    }
    const range = parseRange(request.range, media.plaintextSize);
    using opened = await openFoundMedia(found, tenantId, unwrap, caller.signal);
    const { certificateId } = opened;
    const access = { tenantId, recordingId, mediaId, certificateId, caller: callerText(caller) };
    try {
      await audit.decryptRequested(
        {
          ...access,
          offset: BigInt(range.offset),
          length: BigInt(range.length),
          purpose,
          ...{ accessId: '', action: 'play', user: '', ticketId: '', clientAddress: '' },
        },
        caller.traceparent,
      );
      await checkCiphertextSize(store, found);
      const read = (offset: number, length: number) =>
        steadily(store.read(ciphertextKey, { offset, length, signal: caller.signal }));
      await using plaintext = opened.plaintext(read, range);
      // What the header says stands in the manifest, and is verified with the first segment.
      let next = await plaintext.next();
      yield { part: { $case: 'header', value: header(media, range) } };
      for (; !next.done; next = await plaintext.next()) yield chunk(next.value);
    } catch (error) {
      await recordFailure(access, error, caller.traceparent);
      throw error;
    }
  };
}

interface Range {
  readonly offset: number;
  readonly length: number;
}

const chunk = (bytes: Buffer): DecryptMediaResponse => ({
  part: { $case: 'chunk', value: Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength) },
});

const header = (
  { contentType, plaintextSize, checksum }: FoundMedia['media'],
  { offset, length }: Range,
) => ({
  ...{ contentType, size: BigInt(plaintextSize), checksum },
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
