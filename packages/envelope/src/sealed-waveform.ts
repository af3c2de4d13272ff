import {
  createCipheriv,
  createDecipheriv,
  createSecretKey,
  hkdfSync,
  type KeyObject,
  randomBytes as systemRandomBytes,
} from 'node:crypto';
import { CONTENT_CIPHERS } from './content-ciphers.ts';
import { parseEnvelope } from './envelope.ts';
import { decryptionFailed } from './failures.ts';
import { framed } from './framed.ts';
import { checkEnvelope } from './open-media.ts';
import type { EnvelopedMedia } from './sealed-media.ts';
import { decodeWaveform, encodeWaveform, MAX_WAVEFORM_SIZE, type Waveform } from './waveform.ts';

const VERSION = Buffer.of(1);
const NONCE_SIZE = 12;
const MAC_SIZE = 16;
const HEAD_SIZE = VERSION.length + NONCE_SIZE;

/** In bytes, also of what clear-waveform.ts makes. */
export const MAX_SEALED_WAVEFORM_SIZE = HEAD_SIZE + MAX_WAVEFORM_SIZE + MAC_SIZE;

/**
 * HKDF-SHA-256 with a label of its own, and otherwise as media-keys.ts: it depends on the session key and not on the recipients, so
 * re-wrapping keeps what is sealed with it.
 */
export function waveformKey(
  contentKey: KeyObject,
  iv: Uint8Array,
  tagSalt: Uint8Array = Buffer.alloc(0),
): KeyObject {
  const salt = Buffer.concat([iv, tagSalt]);
  const key = new Uint8Array(hkdfSync('sha256', contentKey, salt, 'sealtrack/v1 waveform', 32));
  try {
    return createSecretKey(key);
  } finally {
    key.fill(0);
  }
}

/** Version ‖ nonce ‖ AES-256-GCM ciphertext ‖ MAC. The version and what the envelope is bound to are authenticated with it. */
export function sealWaveform(
  key: KeyObject,
  boundTo: readonly string[],
  waveform: Waveform,
  randomBytes: (size: number) => Buffer = systemRandomBytes,
): Buffer {
  const nonce = randomBytes(NONCE_SIZE);
  const cipher = createCipheriv('aes-256-gcm', key, nonce, { authTagLength: MAC_SIZE });
  cipher.setAAD(additionalData(boundTo));
  const ciphertext = Buffer.concat([cipher.update(encodeWaveform(waveform)), cipher.final()]);
  return Buffer.concat([VERSION, nonce, ciphertext, cipher.getAuthTag()]);
}

/**
 * The waveform of the media, once it is certain that the session key is the media's. The caller zeroes `dek`. Throws
 * DECRYPTION_FAILED, ENVELOPE_INVALID.
 */
export function openWaveform(media: EnvelopedMedia, sealed: Buffer, dek: Uint8Array): Waveform {
  const envelope = parseEnvelope(media.envelope);
  const { contentKey } = checkEnvelope(media, dek, envelope, CONTENT_CIPHERS[envelope.cipher]);
  const key = waveformKey(contentKey, envelope.iv, media.tagSalt);
  const waveform = decodeWaveform(decrypt(key, media.boundTo, sealed));
  if (waveform === undefined) throw decryptionFailed({ check: 'waveform' });
  return waveform;
}

function decrypt(key: KeyObject, boundTo: readonly string[], sealed: Buffer): Buffer {
  const isSealed = sealed.length > HEAD_SIZE + MAC_SIZE && sealed.length <= MAX_SEALED_WAVEFORM_SIZE;
  if (!isSealed || !sealed.subarray(0, VERSION.length).equals(VERSION))
    throw decryptionFailed({ check: 'waveform' });
  const nonce = sealed.subarray(VERSION.length, HEAD_SIZE);
  const decipher = createDecipheriv('aes-256-gcm', key, nonce, { authTagLength: MAC_SIZE });
  decipher.setAAD(additionalData(boundTo));
  decipher.setAuthTag(sealed.subarray(-MAC_SIZE));
  try {
    return Buffer.concat([decipher.update(sealed.subarray(HEAD_SIZE, -MAC_SIZE)), decipher.final()]);
  } catch {
    throw decryptionFailed({ check: 'waveform' });
  }
}

const additionalData = (boundTo: readonly string[]): Buffer => Buffer.concat([VERSION, ...framed(boundTo)]);
