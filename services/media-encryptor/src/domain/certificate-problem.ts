import { RECORDING_POLICY } from '@sealtrack/certificates/x509/policy';
import type { ChainProblem } from '@sealtrack/certificates/x509/problems';
import { createChainValidator } from '@sealtrack/certificates/x509/validate-chain';

export type CertificateProblem = (
  certificate: { readonly der: Buffer; readonly chain: readonly Buffer[] },
  now: Date,
) => ChainProblem | undefined;

/** Chains whose signatures are remembered; one takes some 20 KB. */
const REMEMBERED = 2_000;

/**
 * Why a certificate of a profile may not be used at a time. The last of its chain is trusted, since the crypto server
 * trusted it when the certificate was imported; one without a chain is trusted as it is. Whether CAs kept to every rule of
 * issuing is the crypto server's to say, by its own settings, and no question here.
 */
export function createCertificateProblem(): CertificateProblem {
  const policy = { ...RECORDING_POLICY, profile: 'lenient', revocation: 'off' } as const;
  const validator = createChainValidator(policy, { cacheSize: REMEMBERED });
  return ({ der, chain }, now) => {
    const anchors = [chain.at(-1) ?? der];
    const result = validator.validate({ leaf: der, intermediates: chain, anchors, crls: [] }, now);
    return result.ok ? undefined : result.problem;
  };
}
