/** The part of node-jose that is used here; the package has no types of its own. */
declare module 'node-jose' {
  interface Key {
    /** For 'k' and `true`: the buffer that the key itself works with. */
    get(name: 'k', isPrivate: true): Buffer;
  }
  interface Encrypter {
    update(plaintext: Buffer): Encrypter;
    final(): Promise<string>;
  }
  interface Decrypter {
    decrypt(jwe: string): Promise<{ readonly payload: Buffer }>;
  }
  interface Signing {
    update(payload: Buffer): Signing;
    final(): Promise<string>;
  }
  interface Verifier {
    verify(jws: string): Promise<{ readonly payload: Buffer }>;
  }
  const jose: {
    readonly JWK: {
      asKey(
        jwk:
          | { kty: 'oct'; k: Buffer; kid: string; use: 'enc'; alg: string }
          | import('node:crypto').JsonWebKey,
      ): Promise<Key>;
    };
    readonly JWE: {
      createEncrypt(
        options: { format: 'compact'; contentAlg: string; fields: Readonly<Record<string, string>> },
        recipient: { key: Key; reference: false },
      ): Encrypter;
      createDecrypt(key: Key, options: { algorithms: readonly string[] }): Decrypter;
    };
    readonly JWS: {
      createSign(
        options: { format: 'compact'; fields: Readonly<Record<string, unknown>> },
        signatory: { key: Key; reference: false },
      ): Signing;
      createVerify(key: Key, options: { algorithms: readonly string[]; allowEmbeddedKey: false }): Verifier;
    };
  };
  export = jose;
}
