import { resolve } from 'node:path';
import { createStatementVerifier } from '@sealtrack/statements/create-verifier';
import type { StatementVerifier } from '@sealtrack/statements/statement';
import { openSignerJudge } from '@sealtrack/tls/open-signer-judge';
import { PLAINTEXT } from '@sealtrack/tls/tls';
import type { Context } from '../context.ts';

export interface TrustOptions {
  readonly trustedCa?: string;
  readonly crl?: string;
}

/** Who is believed to have signed: by the files that are named, else as on the connection to the bus; undefined without either. */
export async function signatureJudge(
  context: Context,
  { trustedCa, crl }: TrustOptions,
  isOffline: boolean,
): Promise<StatementVerifier | undefined> {
  if (trustedCa !== undefined) {
    const files = {
      trustedCaFiles: paths(context, trustedCa),
      crlFiles: crl === undefined ? [] : paths(context, crl),
    };
    return createStatementVerifier(await openSignerJudge(files));
  }
  if (isOffline) return undefined;
  const transport = await context.connections.to('nats', 'auditor');
  return transport === PLAINTEXT ? undefined : createStatementVerifier(transport);
}

const paths = ({ io }: Context, list: string): string[] =>
  list.split(',').map((path) => resolve(io.cwd, path.trim()));
