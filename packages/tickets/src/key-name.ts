import { createHash, createPublicKey, type KeyObject } from 'node:crypto';

/** What Sealtrack calls a key where nobody gave it a name: the beginning of the SHA-256 of its SubjectPublicKeyInfo. */
export function keyNameOf(key: KeyObject): string {
  const publicKey = key.type === 'private' ? createPublicKey(key) : key;
  const spki = publicKey.export({ type: 'spki', format: 'der' });
  return createHash('sha256').update(spki).digest('hex').slice(0, 16);
}
