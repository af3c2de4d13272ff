import { isIPv4, isIPv6 } from 'node:net';
import { KEY_USAGES } from '@sealtrack/certificates/x509/extensions';
import type { PeerName } from '@sealtrack/certificates/x509/match-name';
import { type ChainPolicy, RECORDING_POLICY } from '@sealtrack/certificates/x509/policy';
import { explainProblem } from '@sealtrack/certificates/x509/problems';
import { createChainValidator } from '@sealtrack/certificates/x509/validate-chain';
import { rounded, type Verdict } from '../verdict.ts';
import { type Case, readCases } from './read-cases.ts';

/**
 * Every chain of the files (github.com/C2SP/x509-limbo, and NIST's PKITS in the same form) through the product's own
 * validation, taken apart anew each time. Throws INVALID_ARGUMENT for a file that is none.
 */
export async function* runX509(files: readonly string[]): AsyncGenerator<Verdict> {
  for (const each of await readCases(files)) {
    const policy = policyOf(each);
    const at = each.validation_time === null ? new Date() : new Date(each.validation_time);
    const started = performance.now();
    const result = createChainValidator(policy).validate(
      {
        leaf: each.peer_certificate,
        intermediates: each.untrusted_intermediates,
        anchors: each.trusted_certs,
        crls: each.crls,
      },
      at,
    );
    const ms = rounded(performance.now() - started);
    const got = result.ok ? 'SUCCESS' : 'FAILURE';
    const reason = result.ok ? '' : `${result.problem}: ${explainProblem(result).message}`;
    yield { id: each.id, expected: each.expected_result, got, ms, reason };
  }
}

/** NIST numbers its cases: 4.1.4 is 40104. */
const isPkits = (id: string): boolean => /^4\d{4}_/.test(id);

/**
 * PKITS tests the algorithm of RFC 5280, 6, with a CRL for everything, DSA among its keys and CAs that do not mark what
 * they should. Limbo tests the profile of section 4 as well, and asks for a CRL where it gives one.
 */
function policyOf({ id, ...of }: Case): ChainPolicy {
  if (isPkits(id)) {
    return { ...RECORDING_POLICY, ...NO_USE, profile: 'lenient', revocation: 'required', legacy: ['dsa'] };
  }
  return {
    ...RECORDING_POLICY,
    ...NO_USE,
    maxIntermediates: of.max_chain_depth ?? RECORDING_POLICY.maxIntermediates,
    keyUsage: KEY_USAGES.filter((usage) => of.key_usage.includes(usage)),
    extendedKeyUsage: of.extended_key_usage.map((name) => EXTENDED_KEY_USAGES[name] ?? name),
    peerName: of.expected_peer_name === null ? undefined : peerNameOf(of.expected_peer_name),
  };
}

const NO_USE = { keyUsage: [] } as const;

const EXTENDED_KEY_USAGES: Readonly<Record<string, string>> = {
  serverAuth: '1.3.6.1.5.5.7.3.1',
  clientAuth: '1.3.6.1.5.5.7.3.2',
};

function peerNameOf({ kind, value }: { kind: string; value: string }): PeerName {
  if (kind === 'IP') return { kind: 'ip', value: addressOf(value) };
  return { kind: kind === 'RFC822' ? 'email' : 'dns', value };
}

/** The bytes of an address that the vectors write as people do. Empty, which no certificate has, for what is none. */
export function addressOf(text: string): Buffer {
  if (isIPv4(text)) return Buffer.from(text.split('.').map(Number));
  if (!isIPv6(text)) return Buffer.alloc(0);
  const [head = '', tail] = text.split('::');
  const groups = (part: string) => (part === '' ? [] : part.split(':'));
  const [front, back] = [groups(head), groups(tail ?? '')];
  const zeros = Array.from({ length: 8 - front.length - back.length }, () => '0');
  return Buffer.from([...front, ...zeros, ...back].map((group) => group.padStart(4, '0')).join(''), 'hex');
}
