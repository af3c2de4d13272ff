/** The part of node-jose that seal.ts uses; the package has no types of its own. */
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
  const jose: {
    readonly JWK: {
      asKey(jwk: { kty: 'oct'; k: Buffer; kid: string; use: 'enc'; alg: string }): Promise<Key>;
    };
    readonly JWE: {
      createEncrypt(
        options: { format: 'compact'; contentAlg: string; fields: Readonly<Record<string, string>> },
        recipient: { key: Key; reference: false },
      ): Encrypter;
      createDecrypt(key: Key, options: { algorithms: readonly string[] }): Decrypter;
    };
  };
  export = jose;
}
