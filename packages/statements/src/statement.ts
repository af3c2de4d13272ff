/** What a statement says, and who said it. */
export interface Statement {
  /** DNS names of the certificate it was signed with, which is trusted and valid at this moment. */
  readonly names: readonly string[];
  readonly claims: Readonly<Record<string, unknown>>;
}

/** Says something in the name of this process: a compact JWS with the certificate chain in x5c. */
export interface Signer {
  /** @param type what kind of statement: no statement of one kind is ever taken for another. */
  sign(type: string, claims: Readonly<Record<string, unknown>>): Promise<string>;
}

export interface StatementVerifier {
  /** By the CAs and revocation lists that connections are judged by. Throws PEER_UNTRUSTED. */
  verify(type: string, statement: string): Promise<Statement>;
}
