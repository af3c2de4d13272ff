import { type Envelope, parseEnvelope } from '@sealtrack/envelope/envelope';
import { decryptKeySync, encodeKeyTransport } from '@sealtrack/envelope/key-transport';
import { type DecryptKey, type Identity, unwrapDek } from '@sealtrack/envelope/unwrap';

/** Those of the originals; every other is one that a mutation made, and comes once. */
const MOST_KEPT = 64;

/** Decryption is a function of its input, so that what was decrypted before need not be decrypted again. */
function createDecryptKey(): DecryptKey {
  const known = new Map<string, Buffer>();
  return async (keyTransport, privateKey, encryptedKey) => {
    const id = Buffer.concat([encodeKeyTransport(keyTransport), encryptedKey]).toString('latin1');
    const key = known.get(id) ?? decryptKeySync(keyTransport, privateKey, encryptedKey);
    if (known.size < MOST_KEPT) known.set(id, key);
    return Buffer.from(key);
  };
}

/** Of one owner, because what is kept does not say whose key it is. */
export function createUnwrap(owner: Identity): (envelope: Envelope | Buffer) => Promise<Buffer> {
  const decryptKey = createDecryptKey();
  return (envelope) =>
    unwrapDek(Buffer.isBuffer(envelope) ? parseEnvelope(envelope) : envelope, owner, decryptKey);
}
