import { createDecipheriv, createPublicKey, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { agreedKey, CURVE, ENC, NONCE_BYTES, TAG_BYTES } from './ecdh-es.ts';

/** A key pair for one answer: whoever has its public key can encrypt to this process, and nobody else can read it. */
export interface Receiver {
  /** SubjectPublicKeyInfo in DER, as encrypt-to-key.ts takes it. */
  readonly publicKey: Buffer;
  /** What encrypt-to-key.ts made of the secrets; the caller zeroes them. Undefined for anything else. */
  open(jwe: string): Buffer | undefined;
}

/** The private key is OpenSSL's, which clears it once nobody has the receiver any more. */
export function createReceiver(): Receiver {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: CURVE });
  return {
    publicKey: publicKey.export({ type: 'spki', format: 'der' }),
    open(jwe) {
      const parts = jwe.split('.', 6);
      const [header = '', encryptedKey, ...rest] = parts;
      if (parts.length !== 5 || encryptedKey !== '') return undefined;
      const sender = senderIn(header);
      const [nonce, content, tag] = rest.map((part) => Buffer.from(part, 'base64url'));
      if (sender === undefined || nonce?.length !== NONCE_BYTES || tag?.length !== TAG_BYTES)
        return undefined;
      return decrypt(agreedKey(privateKey, sender), { header, nonce, content: content as Buffer, tag });
    },
  };
}

interface Encrypted {
  readonly header: string;
  readonly nonce: Buffer;
  readonly content: Buffer;
  readonly tag: Buffer;
}

function decrypt(key: Buffer, { header, nonce, content, tag }: Encrypted): Buffer | undefined {
  const secrets = Buffer.alloc(content.length);
  try {
    const cipher = createDecipheriv('aes-256-gcm', key, nonce, { authTagLength: TAG_BYTES });
    cipher.setAAD(Buffer.from(header)).setAuthTag(tag);
    const plaintext = cipher.update(content);
    plaintext.copy(secrets);
    plaintext.fill(0);
    cipher.final();
    return secrets;
  } catch {
    secrets.fill(0);
    return undefined;
  } finally {
    key.fill(0);
  }
}

/** The sender's key, of a header that says what encrypt-to-key.ts writes and nothing besides. */
function senderIn(header: string): KeyObject | undefined {
  try {
    const { alg, enc, epk, ...more } = JSON.parse(Buffer.from(header, 'base64url').toString());
    if (alg !== 'ECDH-ES' || enc !== ENC || Object.keys(more).length > 0) return undefined;
    const { kty, crv, x, y } = epk;
    if (kty !== 'EC' || crv !== 'P-256') return undefined;
    // That the point is on the curve is checked here.
    return createPublicKey({ key: { kty, crv, x, y }, format: 'jwk' });
  } catch {
    return undefined;
  }
}
