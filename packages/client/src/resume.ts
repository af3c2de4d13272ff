import type { DecryptMediaRequest } from '@sealtrack/contracts/gen/sealtrack/decryption/v1/decryption';
import { AppError, toAppError } from '@sealtrack/errors/app-error';
import type { FindStream, Wanted } from './find-stream.ts';
import { judgeFailure } from './judge-failure.ts';
import { type Header, type MediaStream, malformed } from './open-stream.ts';

/** Each is a range of its own for limits and for the audit, and a file that breaks every server must come to an end. */
const MAX_RESUMPTIONS = 10;

export interface ResumedBytes extends AsyncIterableIterator<Uint8Array> {
  return(): Promise<IteratorResult<Uint8Array>>;
}

/**
 * The bytes that a stream promised, each once and in order. When its server fails, another one goes on where it ended, on
 * the same media. Reads no further than it is asked to.
 */
export function resume(opened: MediaStream, find: FindStream, wanted: Wanted): ResumedBytes {
  const { header } = opened;
  const { offset, length } = header.range;
  let stream = opened;
  let received = 0;
  let resumptions = 0;
  let isDone = false;

  const end = (): IteratorResult<Uint8Array> => {
    isDone = true;
    stream.cancel();
    return { done: true, value: undefined };
  };

  async function goOn(error: AppError): Promise<void> {
    stream.cancel();
    resumptions += 1;
    if (judgeFailure(error) === 'final' || resumptions > MAX_RESUMPTIONS || wanted.call.signal?.aborted)
      throw error;
    const range = { offset: BigInt(offset + received), length: BigInt(length - received) };
    const request: DecryptMediaRequest = { ...wanted.request, range };
    const next = await find({ ...wanted, request, failed: { server: stream.server, error } });
    stream = next;
    checkSame(header, next.header, { offset: offset + received, length: length - received });
  }

  /** Undefined at the end; the error that the stream broke with otherwise. */
  async function take(): Promise<Uint8Array | AppError | undefined> {
    try {
      const bytes = await stream.next();
      if (bytes !== undefined) return bytes;
      return received === length ? undefined : brokenOff(stream.server.address, length - received);
    } catch (error) {
      return toAppError(error);
    }
  }

  async function next(): Promise<IteratorResult<Uint8Array>> {
    try {
      while (!isDone) {
        const taken = await take();
        if (taken === undefined || isDone) break;
        if (taken instanceof AppError) {
          await goOn(taken);
          continue;
        }
        received += taken.byteLength;
        if (received > length) throw malformed(`it has more than the ${length} bytes that it promised`);
        return { done: false, value: taken };
      }
    } catch (error) {
      end();
      throw error;
    }
    return end();
  }

  const bytes: ResumedBytes = { next, return: async () => end(), [Symbol.asyncIterator]: () => bytes };
  return bytes;
}

/** What goes on has to be what began. */
function checkSame(first: Header, now: Header, range: Header['range']): void {
  if (now.range.offset !== range.offset || now.range.length !== range.length)
    throw malformed('it is of another range than was asked for');
  // Of two versions of the server, one may not say it.
  const isOther = first.checksum !== '' && now.checksum !== '' && now.checksum !== first.checksum;
  if (now.contentType !== first.contentType || now.size !== first.size || isOther)
    throw malformed('it goes on with another recording than it began with');
}

const brokenOff = (address: string, missing: number): AppError =>
  new AppError('SERVICE_UNAVAILABLE', `${address} ended ${missing} bytes before the end`, {
    fix: 'Make the same call again, and look at the log of that server.',
    details: { address },
  });
