import { writeOutputFile } from '@sealtrack/cli/output-file';
import { decryptMedia } from '@sealtrack/cli/recordings/decrypt-media';
import { assertSame, digesting, digestOf } from './digest.ts';
import type { Doors } from './doors.ts';
import type { Published } from './publish-recordings.ts';

const MAX_RANGE_BYTES = 1_000_000;
const PURPOSE = 'demo';

/** Decrypts the whole recording, to the file if one is given, and compares it with the original. */
export async function decryptWhole(
  { decryption }: Doors,
  tenantId: string,
  { recordingId, original }: Published,
  file: string | undefined,
  signal: AbortSignal,
): Promise<void> {
  const request = { tenantId, recordingId, mediaId: '', range: undefined, purpose: PURPOSE };
  const { content } = await decryptMedia(decryption, request, signal);
  const seen = digesting(content);
  if (file === undefined) for await (const _ of seen.content);
  else await writeOutputFile(file, seen.content);
  assertSame(`The decrypted recording ${recordingId}`, original, seen.result());
}

export interface Range {
  readonly offset: number;
  readonly length: number;
}

/** From the middle, and aligned to nothing. */
export function middleOf(size: number): Range {
  const third = Math.floor(size / 3);
  return { offset: third, length: Math.max(1, Math.min(third, MAX_RANGE_BYTES)) };
}

/** Decrypts only the bytes from the middle, and compares them with the same bytes of the original. */
export async function decryptRange(
  { decryption }: Doors,
  tenantId: string,
  { recordingId, original }: Published,
  { offset, length }: Range,
  signal: AbortSignal,
): Promise<void> {
  const range = { offset: BigInt(offset), length: BigInt(length) };
  const request = { tenantId, recordingId, mediaId: '', range, purpose: PURPOSE };
  const { content } = await decryptMedia(decryption, request, signal);
  const expected = await digestOf(slice(original.open(), offset, length));
  assertSame(`The range of recording ${recordingId}`, expected, await digestOf(content));
}

async function* slice(
  source: AsyncIterable<Uint8Array>,
  offset: number,
  length: number,
): AsyncGenerator<Uint8Array> {
  let at = 0;
  for await (const chunk of source) {
    const part = chunk.subarray(Math.max(0, offset - at), Math.max(0, offset + length - at));
    if (part.byteLength > 0) yield part;
    at += chunk.byteLength;
    if (at >= offset + length) return;
  }
}
