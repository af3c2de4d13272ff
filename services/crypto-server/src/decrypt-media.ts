import { randomUUID } from 'node:crypto';
import type {
  ByteRange,
  DecryptMediaRequest,
  DecryptMediaResponse,
} from '@sealtrack/contracts/gen/sealtrack/decryption/v1/decryption';
import { AppError, hasCode } from '@sealtrack/errors/app-error';
import { parseLine } from '@sealtrack/ids/line';
import { parseMediaId, parseRecordingId, parseTenantId } from '@sealtrack/ids/parse';
import type { MediaStore } from '@sealtrack/media-store/media-store';
import type { AuthorisePlayback } from './authorise-playback.ts';
import { type CallerContext, callerText } from './caller-context.ts';
import type { Failures } from './failures.ts';
import type { FindMedia, FoundMedia } from './find-media.ts';
import type { KeyUse } from './key-use.ts';
import type { MediaSessions } from './media-sessions.ts';
import type { Outcomes } from './outcomes.ts';
import { parsePurpose } from './parse-purpose.ts';
import type { AuditTrail } from './ports.ts';
import { readMedia } from './read-media.ts';
import { whenOnRecord } from './when-on-record.ts';
import { withinTime } from './within-time.ts';

/** An IPv6 address with a zone has 56 at most. */
const MAX_ADDRESS = 64;

/** What somebody wants to listen to, and the ticket that he has for it, if he has one. */
type WantedMedia = Omit<KeyUse, 'action' | 'accessId' | 'onBehalfOf'>;

export interface DecryptMediaDeps {
  readonly authorise: AuthorisePlayback;
  readonly findMedia: FindMedia;
  readonly sessions: Pick<MediaSessions, 'open'>;
  readonly audit: Pick<AuditTrail, 'decryptRequested'>;
  readonly outcomes: Pick<Outcomes, 'begin'>;
  readonly failures: Failures;
  readonly store: Pick<MediaStore, 'read' | 'size'>;
  /** For all that comes before the first byte, in milliseconds. */
  readonly openMs: number;
}

/**
 * DecryptionService.DecryptMedia. The record of it is written while the session key is unwrapped and the first segment read and
 * verified; nothing leaves, not even the header, before that record is durable; and no byte before its segment is
 * verified. What became of it follows in a record of its own. Media that is stored in clear takes no key, and the
 * same records.
 */
export function createDecryptMedia(deps: DecryptMediaDeps) {
  const { authorise, findMedia, sessions, audit, outcomes, failures, store, openMs } = deps;
  return async function* (
    request: DecryptMediaRequest,
    caller: CallerContext,
  ): AsyncGenerator<DecryptMediaResponse> {
    using time = withinTime(caller.signal, openMs);
    const wanted = parseWanted(request, { ...caller, signal: time.signal });
    const { action, onBehalfOf, useOnce } = await authorise(wanted);
    if (request.headerOnly) {
      const { tenantId, recordingId, mediaId } = wanted;
      const { media } = await findMedia(tenantId, recordingId, mediaId, time.signal);
      yield { part: { $case: 'header', value: header(media, { offset: 0, length: media.plaintextSize }) } };
      return;
    }
    const accessId = randomUUID();
    using lease = await sessions.open({ ...wanted, action, onBehalfOf, accessId });
    const { media } = lease.found;
    const range = parseRange(request.range, media.plaintextSize);
    failures.check({ caller, onBehalfOf }, lease.certificateId);
    const { tenantId, recordingId, mediaId, purpose, clientAddress } = wanted;
    const { certificateId } = lease;
    const ids = { tenantId, recordingId, mediaId, certificateId, accessId, caller: callerText(caller) };
    using outcome = outcomes.begin(ids, caller);
    // What cannot be had uses no ticket up, and what has no ticket any more goes on no record.
    await useOnce().catch((error: unknown) => {
      outcome.withdraw();
      throw error;
    });
    try {
      const [offset, length] = [BigInt(range.offset), BigInt(range.length)];
      const record = { ...ids, offset, length, purpose, action, ...onBehalfOf, clientAddress };
      const onRecord = audit.decryptRequested(record, caller.traceparent);
      await using plaintext = readMedia(store, lease, range, time.signal);
      // What the header says stands in the manifest, and is verified with the first segment.
      let next = await whenOnRecord(onRecord, plaintext.next(), time);
      time.unlimited();
      yield { part: { $case: 'header', value: header(media, range) } };
      for (; !next.done; next = await plaintext.next()) {
        outcome.handingOut(next.value.length);
        yield chunk(next.value);
      }
      outcome.complete();
    } catch (error) {
      outcome.failed(error);
      failures.note({ caller, onBehalfOf }, certificateId, error);
      // The recording may have been put there anew.
      if (hasCode(error, 'DECRYPTION_FAILED') || hasCode(error, 'OBJECT_NOT_FOUND')) lease.giveUp();
      throw error;
    }
  };
}

interface Range {
  readonly offset: number;
  readonly length: number;
}

const parseWanted = (request: DecryptMediaRequest, caller: CallerContext): WantedMedia => ({
  tenantId: parseTenantId(request.tenantId),
  recordingId: parseRecordingId(request.recordingId),
  mediaId: parseMediaId(request.mediaId),
  purpose: parsePurpose(request.purpose),
  ticket: request.ticket,
  clientAddress: parseLine('client_address', request.clientAddress, { min: 0, max: MAX_ADDRESS }),
  caller,
});

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
