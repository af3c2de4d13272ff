import { AppError } from '@sealtrack/errors/app-error';
import { readJws, type UnverifiedJws, verifyJws } from '@sealtrack/jose/jws';
import { UntrustedSigner } from '@sealtrack/tls/judge-signer';
import { PLAINTEXT, type Tls, type TrustedSigner } from '@sealtrack/tls/tls';
import type { Statement, StatementVerifier } from './statement.ts';
import { LEEWAY_SECONDS, LIFETIME_SECONDS, MAX_LENGTH, typOf } from './statement-format.ts';

/** What a verifier needs of how connections are secured. */
type Believing = Pick<Tls, 'judgeSigner'> | typeof PLAINTEXT;

/** Believes who is believed on connections; nobody in plaintext. */
export function createStatementVerifier(
  transport: Believing,
  now: () => number = Date.now,
): StatementVerifier {
  return {
    async verify(type, statement, { lasting = false } = {}) {
      if (transport === PLAINTEXT)
        throw untrusted('nobody can be believed in plaintext', 'Take SEALTRACK_TLS=off away.');
      const read = readJws(statement, MAX_LENGTH);
      if (read?.header.typ !== typOf(type)) throw untrusted(`it is none of the kind ${type}`, SAME_VERSION);
      const said = lasting ? saidOnce(read, now()) : saidNow(read, now());
      const { publicKey, ...signer } = judge(transport, read, lasting ? said : undefined);
      if (!(await verifyJws(read, publicKey)))
        throw untrusted('it was changed, or is not signed by whom it says', FIND_OUT);
      return statementOf(signer, said, read);
    },
  };
}

const SAME_VERSION = 'See that both servers run the same version of Sealtrack.';
const FIND_OUT = 'Find out who sent it: somebody may be forging statements.';
const CLOCKS = 'Compare the clocks of both servers.';

function statementOf(
  signer: Pick<TrustedSigner, 'names' | 'fingerprint'>,
  said: Date,
  { claims: { iat: _, exp: __, ...claims } }: UnverifiedJws,
): Statement {
  return { ...signer, said, claims };
}

/** A record, which has no end. */
function saidOnce({ claims: { iat, exp } }: UnverifiedJws, now: number): Date {
  if (!isTime(iat) || exp !== undefined) throw untrusted('it is not said for good', SAME_VERSION);
  if (iat > now / 1000 + LEEWAY_SECONDS) throw untrusted('it is from the future', CLOCKS);
  return new Date(iat * 1000);
}

function saidNow({ claims: { iat, exp } }: UnverifiedJws, now: number): Date {
  if (!isTime(iat) || !isTime(exp) || exp <= iat || exp - iat > LIFETIME_SECONDS)
    throw untrusted('it does not say for how long it holds', SAME_VERSION);
  if (iat > now / 1000 + LEEWAY_SECONDS) throw untrusted('it is from the future', CLOCKS);
  if (exp <= now / 1000 - LEEWAY_SECONDS) throw untrusted('it is over', CLOCKS);
  return new Date(iat * 1000);
}

const isTime = (value: unknown): value is number => Number.isSafeInteger(value) && Number(value) > 0;

function judge(
  transport: Exclude<Believing, typeof PLAINTEXT>,
  { header: { x5c = [] } }: UnverifiedJws,
  at: Date | undefined,
): TrustedSigner {
  try {
    return transport.judgeSigner(
      x5c.map((text) => Buffer.from(text, 'base64')),
      at,
    );
  } catch (error) {
    if (!(error instanceof UntrustedSigner)) throw error;
    throw untrusted(
      error.message,
      error.fix ?? 'Give that server a certificate of a CA that is trusted here.',
      {
        problem: error.problem,
      },
    );
  }
}

const untrusted = (reason: string, fix: string, details: Record<string, string> = {}): AppError =>
  new AppError('PEER_UNTRUSTED', `A signed statement is not believed: ${reason}`, { fix, details });
