import { decryptKeyHere } from '@sealtrack/envelope/decrypt-key';
import { parseEnvelope } from '@sealtrack/envelope/envelope';
import { openMedia } from '@sealtrack/envelope/open-media';
import type { PlaintextRange } from '@sealtrack/envelope/plaintext-range';
import { createMediaSealer } from '@sealtrack/envelope/seal-media';
import type { SealedMedia, TaggedMedia } from '@sealtrack/envelope/sealed-media';
import { splicePkcs7 } from '@sealtrack/envelope/splice';
import type { SuiteName } from '@sealtrack/envelope/suites';
import { unwrapDek } from '@sealtrack/envelope/unwrap';
import type { Owner } from './owners.ts';

export const SEGMENT = 262144;
/** Around every boundary of cipher and format, and one with several segments. */
export const SIZES = [0, 1, 15, 16, 17, SEGMENT - 1, SEGMENT, SEGMENT + 1, 3_000_000];
export const BOUND_TO = ['tenant', 'recording', 'main', 'audio/wav'];

/** Repeats at no multiple of a block or a segment. */
export const plaintextOf = (size: number): Buffer =>
  Buffer.from(Uint8Array.from({ length: size }, (_, i) => (i * 7) % 253));

export async function* inChunks(bytes: Buffer, size = 65536): AsyncGenerator<Buffer> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

export const collect = async (stream: AsyncIterable<Uint8Array>): Promise<Buffer> =>
  Buffer.concat(await Array.fromAsync(stream));

export type Sealed = SealedMedia & { readonly ciphertext: Buffer };

export async function seal(suite: SuiteName, plaintext: Buffer, owners: readonly Owner[]): Promise<Sealed> {
  const recipients = owners.map(({ recipient }) => recipient);
  const sealer = createMediaSealer({ suite, recipients, boundTo: BOUND_TO });
  const ciphertext = await collect(sealer.seal(inChunks(plaintext)));
  return { ciphertext, ...sealer.finish() };
}

/** The ordinary PKCS#7 or CMS file. */
export function spliced({ envelope, ciphertext }: Pick<Sealed, 'envelope' | 'ciphertext'>): Buffer {
  const { prefix, suffix } = splicePkcs7(envelope, ciphertext.length);
  return Buffer.concat([prefix, ciphertext, suffix]);
}

export const dekOf = (envelope: Buffer, owner: Owner): Promise<Buffer> =>
  unwrapDek(parseEnvelope(envelope), owner, decryptKeyHere);

export const openTagged = (
  media: TaggedMedia,
  dek: Buffer,
  ciphertext: Buffer,
  range?: PlaintextRange,
): AsyncGenerator<Buffer, void> =>
  openMedia(media, dek, (offset, length) => inChunks(ciphertext.subarray(offset, offset + length)), range);
