/** What a statement says, and who said it. */
export interface Statement {
  /** DNS names of the certificate it was signed with, which is trusted, and was valid when it said it. */
  readonly names: readonly string[];
  /** SHA-256 of that certificate in DER, lower-case hex. */
  readonly fingerprint: string;
  /** When it was said, by the clock of whoever did. */
  readonly said: Date;
  readonly claims: Readonly<Record<string, unknown>>;
}

export interface StatementOptions {
  /**
   * Said for good: a record, to be verified in years by the certificate of that time. Left out, it is for this very moment: it
   * is over after a minute, and verified by what holds now. Who signs and who verifies have to mean the same.
   */
  readonly lasting?: boolean;
}

/** Says something in the name of this process: a compact JWS with the certificate chain in x5c. */
export interface Signer {
  /**
   * @param type what kind of statement, in lower-case words with hyphens: no statement of one kind is ever taken for another.
   * @param claims anything that JSON holds, of no more than 500 KB, but for `iat` and `exp`, which are the statement's own.
   * @throws AppError CONFIG_INVALID when this process' certificate has a key that signs no statements, such as Ed25519.
   */
  sign(type: string, claims: Readonly<Record<string, unknown>>, options?: StatementOptions): Promise<string>;
}

export interface StatementVerifier {
  /** By the CAs and revocation lists that connections are judged by. Throws PEER_UNTRUSTED. */
  verify(type: string, statement: string, options?: StatementOptions): Promise<Statement>;
}
