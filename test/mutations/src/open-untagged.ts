import { type CipherGCMTypes, createDecipheriv, type Decipheriv } from 'node:crypto';
import type { Envelope } from '@sealtrack/envelope/envelope';
import { openMedia } from '@sealtrack/envelope/open-media';
import { tagMedia } from '@sealtrack/envelope/tag-media';
import { attemptLater, must } from './judge.ts';
import { createStore, inChunks } from './store.ts';

/**
 * Opens media without tags as it is done everywhere: verified in one pass, given out in another. The two must agree with
 * each other, and with a decryption of the whole by node:crypto alone, in what fails and in every byte. Of GCM only the
 * original's plaintext may come out. Of CBC nothing better can be asked: whoever changes a ciphertext changes the
 * plaintext, and unless the padding breaks nobody can tell. That is why tags are made when such media is imported.
 */
export async function openUntagged(
  envelope: Envelope,
  dek: Buffer,
  ciphertext: Buffer,
  original: Buffer,
  chunk: number,
): Promise<string> {
  const expected = decryptAlone(envelope, dek, ciphertext);
  const source = inChunks(ciphertext, chunk);
  const tagged = await attemptLater(
    () => tagMedia(envelope.der, dek, source, ['recording']),
    'DECRYPTION_FAILED',
  );
  must((tagged.code !== undefined) === (expected === undefined), 'the two ways to decrypt disagree');
  if (tagged.code !== undefined || expected === undefined) return tagged.code ?? '';

  const { result: media } = tagged;
  const store = createStore(ciphertext, chunk);
  const opened = Buffer.concat(await Array.fromAsync(openMedia(media, dek, store.read)));
  must(opened.length === media.plaintextSize, 'the passes disagree about the size');
  must(opened.equals(expected), 'the two ways to decrypt give other bytes');
  const isRight = opened.equals(original);
  must(isRight || envelope.mac === undefined, 'a forgery under a MAC');
  return isRight ? 'right' : 'other plaintext under CBC';
}

/** Undefined when MAC or padding are wrong, or the session key does not fit the cipher. */
function decryptAlone({ cipher, iv, mac, authAttributes }: Envelope, dek: Buffer, ciphertext: Buffer) {
  try {
    if (mac === undefined) return decryptWith(createDecipheriv(cipher.toLowerCase(), dek, iv), ciphertext);
    const gcm = createDecipheriv(cipher.toLowerCase() as CipherGCMTypes, dek, iv, { authTagLength: 16 });
    if (authAttributes !== undefined) gcm.setAAD(authAttributes);
    return decryptWith(gcm.setAuthTag(mac), ciphertext);
  } catch {
    return undefined;
  }
}

const decryptWith = (decipher: Decipheriv, ciphertext: Buffer): Buffer =>
  Buffer.concat([decipher.update(ciphertext), decipher.final()]);
