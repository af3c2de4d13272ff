import { hasCode } from '@sealtrack/errors/app-error';
import type { StatementVerifier } from '@sealtrack/statements/statement';
import { type Said, saysTheSame } from '../said.ts';

/** By whom it is signed; or why it does not count. */
export type Judged =
  | { readonly signedBy: string }
  | { readonly refused: 'unsigned' | 'untrusted' | 'forged'; readonly why: string }
  /** Signed, or not: nobody asked who. */
  | 'not-judged';

/** Whose certificates sign what is on record, as bootstrap names them. */
export const AUDIT_SIGNERS = ['crypto-server', 'console'] as const;

export interface Judges {
  /** Without one no signature is looked at. */
  readonly verifier: StatementVerifier | undefined;
  /** The names that crypto servers and consoles have in their certificates. */
  readonly servers: readonly string[];
}

/** Whether a server that writes records has said this. */
export async function judgeStatement(
  { verifier, servers }: Judges,
  kind: string,
  statement: unknown,
  said: Said,
): Promise<Judged> {
  if (verifier === undefined) return 'not-judged';
  if (typeof statement !== 'string' || statement === '')
    return { refused: 'unsigned', why: 'is signed by nobody' };
  try {
    const { names, claims } = await verifier.verify(kind, statement, { lasting: true });
    const server = names.find((name) => servers.includes(name));
    if (server === undefined)
      return { refused: 'untrusted', why: `is signed by ${names.join(' ')}, which writes no records` };
    if (!saysTheSame(claims, said)) return { refused: 'forged', why: 'says something else than was signed' };
    return { signedBy: server };
  } catch (error) {
    if (!hasCode(error, 'PEER_UNTRUSTED')) throw error;
    return { refused: 'untrusted', why: `is not believed: ${error.message}` };
  }
}
