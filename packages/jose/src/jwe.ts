import type { KeyObject } from 'node:crypto';
import jose from 'node-jose';

/** Key wrap and content encryption: docs/adr/0003-sealed-keys.md says why these. */
export const ALG = 'A256KW';
export const ENC = 'A256GCM';

type Key = Awaited<ReturnType<typeof jose.JWK.asKey>>;

/**
 * Encrypts under a key of 256 bits. `fields` is the whole header, `kid` and all.
 *
 * The caller zeroes `plaintext`. What is zeroed here is our copies of the key. What node-jose copies we cannot reach: the
 * plaintext once, and each key also as a base64url string; those stay in memory until collected.
 * @returns a compact JWE.
 */
export const encryptJwe = (
  plaintext: Buffer,
  key: KeyObject,
  fields: Readonly<Record<string, string>> & { readonly kid: string },
): Promise<string> =>
  withKey(key, fields.kid, (jwk) =>
    jose.JWE.createEncrypt({ format: 'compact', contentAlg: ENC, fields }, { key: jwk, reference: false })
      .update(plaintext)
      .final(),
  );

/**
 * Decrypts what readJweHeader found to be of its shape.
 * @param kid what its header says.
 * @returns the plaintext, for the caller to zero. Rejects with the library's error when it does not open.
 */
export const decryptJwe = (jwe: string, key: KeyObject, kid: string): Promise<Buffer> =>
  withKey(key, kid, async (jwk) => {
    const { payload } = await jose.JWE.createDecrypt(jwk, { algorithms: [ALG, ENC] }).decrypt(jwe);
    // Out of Node's shared pool, where zeroing would leave it to chance who saw it before.
    const plaintext = Buffer.alloc(payload.length);
    payload.copy(plaintext);
    payload.fill(0);
    return plaintext;
  });

async function withKey<T>(key: KeyObject, kid: string, work: (jwk: Key) => Promise<T>): Promise<T> {
  const k = key.export();
  const jwk = await jose.JWK.asKey({ kty: 'oct', k, kid, use: 'enc', alg: ALG });
  try {
    return await work(jwk);
  } finally {
    jwk.get('k', true).fill(0);
    k.fill(0);
  }
}
