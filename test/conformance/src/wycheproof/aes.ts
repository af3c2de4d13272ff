import type { KeyObject } from 'node:crypto';
import { parseCertificate } from '@sealtrack/certificates/certificate';
import { createSelfSigned } from '@sealtrack/certificates/self-signed';
import { GCM_MAC_SIZE, GCM_NONCE_SIZE } from '@sealtrack/envelope/ciphers/gcm';
import { CONTENT_CIPHERS, type ContentCipher } from '@sealtrack/envelope/content-ciphers';
import { encodeEnvelope, encodeHead } from '@sealtrack/envelope/encode-envelope';
import { parseEnvelope } from '@sealtrack/envelope/envelope';
import { decryptionFailed } from '@sealtrack/envelope/failures';
import { OAEP_SHA256 } from '@sealtrack/envelope/key-transport';
import { openMedia } from '@sealtrack/envelope/open-media';
import { type Recipient, recipientFromCertificate } from '@sealtrack/envelope/recipient';
import { tagMedia } from '@sealtrack/envelope/tag-media';
import { type DecryptKey, unwrapDek } from '@sealtrack/envelope/unwrap';
import { hasCode } from '@sealtrack/errors/app-error';
import { ERROR, NOT_APPLICABLE, type Verdict } from '../verdict.ts';
import type { Case } from './read-vectors.ts';

type Finding = Pick<Verdict, 'got' | 'reason'>;

/** Whose key the session keys of the envelopes are encrypted to. */
export interface Reader {
  readonly recipient: Recipient;
  readonly privateKey: KeyObject;
  readonly decryptKey: DecryptKey;
}

export async function createReader(decryptKey: DecryptKey): Promise<Reader> {
  const { certificatePem, privateKey } = await createSelfSigned({ commonName: 'Wycheproof' });
  return { recipient: recipientFromCertificate(parseCertificate(certificatePem)), privateKey, decryptKey };
}

const cipherOf = (kind: 'CBC' | 'GCM', key: Buffer): ContentCipher | undefined =>
  Object.values(CONTENT_CIPHERS).find(({ name }) => name === `AES-${key.length * 8}-${kind}`);

export async function checkCbc(
  { key, iv, msg, ct, result }: Case<'AES-CBC-PKCS5'>,
  reader: Reader,
): Promise<Finding> {
  const cipher = cipherOf('CBC', key);
  if (cipher === undefined) return noCipher(key);
  return compare(msg, result, () => openAsFile(cipher, key, iv, undefined, ct, reader));
}

/** Additional data is what signed attributes are in CMS, a SET in DER, so other bytes go to the cipher directly. */
export async function checkGcm(
  { key, iv, aad, msg, ct, tag, result }: Case<'AES-GCM'>,
  reader: Reader,
): Promise<Finding> {
  const cipher = cipherOf('GCM', key);
  if (cipher === undefined) return noCipher(key);
  const fitsEnvelope = iv.length === GCM_NONCE_SIZE && tag.length === GCM_MAC_SIZE;
  if (aad.length === 0 || !fitsEnvelope)
    return compare(msg, result, () => openAsFile(cipher, key, iv, tag, ct, reader));
  const found = await compare(msg, result, async () => openWithData(cipher, key, { iv, mac: tag, aad }, ct));
  return { ...found, reason: `${found.reason} (cipher alone: its additional data is no SET)`.trim() };
}

/** What an envelope refuses is refused by design, unless it had to be. */
async function compare(
  msg: Buffer,
  expected: string,
  open: () => Promise<Buffer | string>,
): Promise<Finding> {
  try {
    const opened = await open();
    if (typeof opened === 'string') return { got: ERROR, reason: opened };
    return opened.equals(msg)
      ? { got: 'valid', reason: '' }
      : { got: ERROR, reason: 'opened to something else than the message' };
  } catch (error) {
    if (hasCode(error, 'DECRYPTION_FAILED')) return { got: 'invalid', reason: error.code };
    if (!hasCode(error, 'ENVELOPE_INVALID')) return { got: ERROR, reason: String(error) };
    return { got: expected === 'valid' ? NOT_APPLICABLE : 'invalid', reason: error.message };
  }
}

/**
 * As a file that somebody else made: an envelope around this session key and IV, taken apart, unwrapped, its ciphertext
 * tagged and opened, in one piece and byte by byte. A string says what went wrong in a way that nothing may.
 */
async function openAsFile(
  cipher: ContentCipher,
  key: Buffer,
  iv: Buffer,
  mac: Buffer | undefined,
  ciphertext: Buffer,
  { recipient, privateKey, decryptKey }: Reader,
): Promise<Buffer | string> {
  const envelope = encodeEnvelope(cipher, encodeHead(OAEP_SHA256, [recipient], key), iv, mac);
  const dek = await unwrapDek(parseEnvelope(envelope), { privateKey }, decryptKey);
  const opened: Buffer[] = [];
  for (const size of [Math.max(ciphertext.length, 1), 1]) {
    const media = await tagMedia(envelope, dek, inChunks(ciphertext, size));
    const read = (offset: number, length: number) =>
      inChunks(ciphertext.subarray(offset, offset + length), size);
    opened.push(Buffer.concat(await Array.fromAsync(openMedia(media, dek, read))));
  }
  const [whole, byByte] = opened;
  return whole !== undefined && byByte?.equals(whole) ? whole : 'in one piece and byte by byte differ';
}

function openWithData(
  cipher: ContentCipher,
  key: Buffer,
  { iv, mac, aad }: { readonly iv: Buffer; readonly mac: Buffer; readonly aad: Buffer },
  ciphertext: Buffer,
): Buffer {
  const check = cipher.createCheck(key, { iv, mac, authAttributes: aad });
  check.update(ciphertext);
  try {
    check.final();
  } catch {
    throw decryptionFailed({ check: 'content MAC or padding' });
  }
  const previous = Buffer.concat([Buffer.alloc(4), iv]);
  return cipher.decryptSegment(key, iv, { index: 0, isLast: true, previous, ciphertext });
}

const noCipher = (key: Buffer): Finding => ({
  got: NOT_APPLICABLE,
  reason: `no cipher with keys of ${key.length * 8} bits`,
});

async function* inChunks(bytes: Buffer, size: number): AsyncGenerator<Buffer> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}
