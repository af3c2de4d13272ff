import { X509Certificate } from 'node:crypto';
import { DerError } from '@sealtrack/certificates/der';
import type { X509 } from '@sealtrack/certificates/x509/parse-x509';
import type { Judge, Refusal } from './judge.ts';
import { chainOf, type PeerChain } from './peer-chain.ts';
import { dnsNamesOf } from './peer-names.ts';
import type { TrustedSigner } from './tls.ts';

/** Who signed something is not believed. */
export class UntrustedSigner extends Error {
  readonly problem: string;
  readonly fix: string | undefined;

  constructor({ problem, reason, fix }: Refusal) {
    super(reason);
    this.name = 'UntrustedSigner';
    this.problem = problem;
    this.fix = fix;
  }
}

/** @throws UntrustedSigner. */
export function judgeSigner(judge: Judge, chain: readonly Buffer[], at: Date | undefined): TrustedSigner {
  const shown = read(chain);
  const refusal = judge.signer(shown, at) ?? usageProblem(shown.leaf);
  if (refusal !== undefined) throw new UntrustedSigner(refusal);
  return {
    names: dnsNamesOf(shown.leaf),
    publicKey: new X509Certificate(shown.leaf.der).publicKey,
    fingerprint: shown.leaf.fingerprint,
  };
}

function read(chain: readonly Buffer[]): PeerChain {
  try {
    const found = chainOf(chain);
    if (found !== undefined) return found;
  } catch (error) {
    if (!(error instanceof DerError)) throw error;
    throw new UntrustedSigner({
      problem: 'certificate-malformed',
      reason: `Its certificate cannot be read: it ${error.message}`,
    });
  }
  throw new UntrustedSigner({ problem: 'no-certificate', reason: 'It showed no certificate' });
}

/** Of connections OpenSSL asks it. */
function usageProblem({ extensions: { keyUsage } }: X509): Refusal | undefined {
  if (keyUsage === undefined || keyUsage.has('digitalSignature')) return undefined;
  return {
    problem: 'key-usage-missing',
    reason: 'The key of its certificate is not for signatures: keyUsage has no digitalSignature',
    fix: 'Have it issued with that key usage.',
  };
}
