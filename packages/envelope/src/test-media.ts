import type { KeyObject } from 'node:crypto';
import { type CertificateInfo, parseCertificate } from '@sealtrack/certificates/certificate';
import { createSelfSigned } from '@sealtrack/certificates/self-signed';
import { parseEnvelope } from './envelope.ts';
import { type MediaToOpen, openMedia, type PlaintextRange, type ReadCiphertext } from './open-media.ts';
import { recipientFromCertificate } from './recipient.ts';
import { createMediaSealer, type MediaSealerOptions, type SealedMedia } from './seal-media.ts';
import { unwrapDek } from './unwrap.ts';

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

export async function sealFor(
  owners: readonly Owner[],
  source: AsyncIterable<Uint8Array>,
  options: Partial<MediaSealerOptions> = {},
): Promise<Sealed> {
  const recipients = owners.map(({ certificate }) => recipientFromCertificate(certificate));
  const sealer = createMediaSealer({ suite: 'pkcs7', recipients, ...options });
  const ciphertext = await collect(sealer.seal(source));
  return { ciphertext, ...sealer.finish() };
}

export function mediaToOpen(sealed: Sealed, owner: Owner): MediaToOpen {
  const envelope = parseEnvelope(sealed.envelope);
  return { ...sealed, iv: envelope.iv, dek: unwrapDek(envelope, owner) };
}

/** A store that gives what it has, as a file that was cut short does. */
export const readFrom =
  (ciphertext: Buffer, chunk = 50_000): ReadCiphertext =>
  (offset, length) =>
    inChunks(ciphertext.subarray(offset, offset + length), chunk);

export const open = (sealed: Sealed, owner: Owner, range?: PlaintextRange): Promise<Buffer> =>
  collect(openMedia(mediaToOpen(sealed, owner), readFrom(sealed.ciphertext), range));
