import type { KeyObject } from 'node:crypto';
import { type CertificateInfo, parseCertificate } from '@sealtrack/certificates/certificate';
import { createSelfSigned } from '@sealtrack/certificates/self-signed';
import { decryptKeyHere } from './decrypt-key.ts';
import { parseEnvelope } from './envelope.ts';
import { openMedia } from './open-media.ts';
import type { PlaintextRange } from './plaintext-range.ts';
import type { ReadCiphertext } from './read-segments.ts';
import { recipientFromCertificate } from './recipient.ts';
import { createMediaSealer, type MediaSealerOptions } from './seal-media.ts';
import type { SealedMedia, TaggedMedia } from './sealed-media.ts';
import { type Identity, unwrapDek } from './unwrap.ts';

/** What the tests here share. */

export interface Owner {
  readonly certificate: CertificateInfo;
  readonly privateKey: KeyObject;
  readonly privateKeyPem: Buffer;
}

export async function createOwner(commonName: string): Promise<Owner> {
  const { certificatePem, privateKey, privateKeyPem } = await createSelfSigned({ commonName });
  return { certificate: parseCertificate(certificatePem), privateKey, privateKeyPem };
}

/** Bytes that repeat at no multiple of the block size. */
export const patterned = (size: number): Buffer =>
  Buffer.from(Uint8Array.from({ length: size }, (_, i) => i % 251));

export async function* inChunks(bytes: Buffer, size = 65536): AsyncGenerator<Buffer> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

export async function collect(stream: AsyncIterable<Uint8Array>): Promise<Buffer> {
  return Buffer.concat(await Array.fromAsync(stream));
}

export interface Sealed extends SealedMedia {
  readonly ciphertext: Buffer;
}

/** What the tests here bind their envelopes to. */
export const BOUND_TO = ['demo', 'call-1', 'main', 'audio/wav'] as const;

export async function sealFor(
  owners: readonly Owner[],
  source: AsyncIterable<Uint8Array>,
  options: Partial<MediaSealerOptions> = {},
): Promise<Sealed> {
  const recipients = owners.map(({ certificate }) => recipientFromCertificate(certificate));
  const sealer = createMediaSealer({ suite: 'pkcs7', recipients, boundTo: BOUND_TO, ...options });
  const ciphertext = await collect(sealer.seal(source));
  return { ciphertext, ...sealer.finish() };
}

export const tagged = (sealed: SealedMedia): TaggedMedia => ({ ...sealed, boundTo: BOUND_TO });

export const dekOf = (sealed: Pick<SealedMedia, 'envelope'>, owner: Identity): Promise<Buffer> =>
  unwrapDek(parseEnvelope(sealed.envelope), owner, decryptKeyHere);

/** A store that gives what it has, as a file that was cut short does. */
export const readFrom =
  (ciphertext: Buffer, chunk = 50_000): ReadCiphertext =>
  (offset, length) =>
    inChunks(ciphertext.subarray(offset, offset + length), chunk);

export const open = async (sealed: Sealed, owner: Identity, range?: PlaintextRange): Promise<Buffer> =>
  collect(openMedia(tagged(sealed), await dekOf(sealed, owner), readFrom(sealed.ciphertext), range));
