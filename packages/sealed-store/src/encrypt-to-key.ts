import {
  createCipheriv,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
  randomBytes,
} from 'node:crypto';
import { AppError } from '@sealtrack/errors/app-error';
import { agreedKey, CURVE, ENC, NONCE_BYTES } from './ecdh-es.ts';

const MAX_KEY_BYTES = 91;
/**
 * SubjectPublicKeyInfo on P-256 (RFC 5480), up to and with the form of its point: whole, or compressed. Looked at, because
 * OpenSSL also reads the point at infinity, and bytes behind the end.
 */
const KEY_FORMS = [
  { head: '3059301306072a8648ce3d020106082a8648ce3d03010703420004', length: MAX_KEY_BYTES },
  { head: '3039301306072a8648ce3d020106082a8648ce3d03010703220002', length: 59 },
  { head: '3039301306072a8648ce3d020106082a8648ce3d03010703220003', length: 59 },
].map(({ head, length }) => ({ head: Buffer.from(head, 'hex'), length }));

/** Who asks often asks with the same key, and reading it takes a quarter of the time of encrypting to it. */
const MAX_KEPT = 256;

/**
 * Encrypts secrets to somebody's key: ECDH-ES with A256GCM (RFC 7518, 4.6 and 5.3), as a compact JWE. The caller zeroes
 * the secrets. docs/adr/0012-own-ecdh-es.md says why this is not node-jose's.
 *
 * Throws INVALID_ARGUMENT, naming `field`, unless `spki` is the SubjectPublicKeyInfo (DER) of a point on P-256.
 */
export function createEncrypterTo(): (field: string, spki: Uint8Array) => (secrets: Uint8Array) => string {
  const kept = new Map<string, KeyObject>();
  return (field, spki) => {
    const id = spki.length > MAX_KEY_BYTES ? '' : Buffer.from(spki).toString('latin1');
    const publicKey = kept.get(id) ?? parseKey(field, spki);
    kept.set(id, publicKey);
    const [oldest] = kept.keys();
    if (kept.size > MAX_KEPT && oldest !== undefined) kept.delete(oldest);
    return (secrets) => encrypt(publicKey, secrets);
  };
}

function parseKey(field: string, spki: Uint8Array): KeyObject {
  try {
    const bytes = Buffer.from(spki);
    if (!KEY_FORMS.some(({ head, length }) => bytes.length === length && head.equals(bytes.subarray(0, 27))))
      throw new Error('It has another form');
    // That the point is on the curve is checked here.
    return createPublicKey({ key: bytes, type: 'spki', format: 'der' });
  } catch (cause) {
    throw new AppError('INVALID_ARGUMENT', `${field} is not a public key on P-256`, {
      fix: 'Make an elliptic curve key on P-256 and give its SubjectPublicKeyInfo in DER.',
      details: { field },
      cause,
    });
  }
}

function encrypt(publicKey: KeyObject, secrets: Uint8Array): string {
  const ephemeral = generateKeyPairSync('ec', { namedCurve: CURVE });
  const epk = ephemeral.publicKey.export({ format: 'jwk' });
  const header = Buffer.from(JSON.stringify({ alg: 'ECDH-ES', enc: ENC, epk })).toString('base64url');
  const key = agreedKey(ephemeral.privateKey, publicKey);
  try {
    const nonce = randomBytes(NONCE_BYTES);
    const cipher = createCipheriv('aes-256-gcm', key, nonce).setAAD(Buffer.from(header));
    const content = Buffer.concat([cipher.update(secrets), cipher.final()]);
    // Nothing between the first two dots: the key is agreed on, and none is sent.
    const parts = [nonce, content, cipher.getAuthTag()].map((part) => part.toString('base64url'));
    return `${header}..${parts.join('.')}`;
  } finally {
    key.fill(0);
  }
}
