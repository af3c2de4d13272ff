import { distinguishedName } from '@sealtrack/certificates/distinguished-name';
import type { Crl } from '@sealtrack/certificates/x509/crl';
import { showAddress, showGeneralName } from '@sealtrack/certificates/x509/general-names';
import { matchesName, type PeerName } from '@sealtrack/certificates/x509/match-name';
import type { X509 } from '@sealtrack/certificates/x509/parse-x509';
import type { ChainPolicy } from '@sealtrack/certificates/x509/policy';
import { type ChainFailure, type ChainProblem, explainProblem } from '@sealtrack/certificates/x509/problems';
import { type Given, validateChain } from '@sealtrack/certificates/x509/validate-chain';
import { type Finding, ok, problem } from '../doctor/finding.ts';

/** What a certificate is shown for: by whom is called, or by who calls. */
export type Usage = 'server' | 'client';

export const USAGE_OIDS: Readonly<Record<Usage, string>> = {
  server: '1.3.6.1.5.5.7.3.1',
  client: '1.3.6.1.5.5.7.3.2',
};
const USAGE_NAMES: Readonly<Record<Usage, string>> = { server: 'serverAuth', client: 'clientAuth' };

export interface Question {
  readonly leaf: X509;
  /** Whatever came with it. */
  readonly others: readonly X509[];
  readonly anchors: readonly X509[];
  /** Empty: revocation is not looked at. */
  readonly crls: readonly Given<Crl>[];
  readonly usage: Usage;
  /** Whom the leaf has to be for. */
  readonly host: PeerName | undefined;
  readonly at: Date;
}

export interface JudgedChain {
  readonly findings: readonly Finding[];
  /** From the leaf to the anchor, revoked or not; undefined when there is none that holds. */
  readonly path: readonly X509[] | undefined;
  /** What the findings say already, so that nothing else has to. */
  readonly failed: ChainProblem | undefined;
}

/** Chain, host and revocation, each in a finding of its own: one that is wrong does not hide the others. */
export function judgeChain(question: Question): JudgedChain {
  const { leaf, others, anchors, usage, at, host } = question;
  const chain = { leaf, intermediates: others, anchors, crls: [] };
  const result = validateChain(chain, policyFor(usage, 'off'), at);
  const names = host === undefined ? [] : [judgeHost(leaf, host)];
  if (!result.ok) {
    return { findings: [failure('chain', result, usage), ...names], path: undefined, failed: result.problem };
  }
  const { path } = result;
  const findings = [ok('chain', describePath(path)), ...names, judgeRevocation(question)];
  return { findings, path, failed: undefined };
}

/** As the services judge their peers. */
const policyFor = (usage: Usage, revocation: ChainPolicy['revocation']): ChainPolicy => ({
  profile: 'lenient',
  maxIntermediates: 8,
  keyUsage: [],
  extendedKeyUsage: [USAGE_OIDS[usage]],
  revocation,
  legacy: [],
  peerName: undefined,
});

function describePath(path: readonly X509[]): string {
  const anchor = path.at(-1);
  if (anchor === undefined || path.length === 1) return 'the certificate itself is trusted';
  const between = path.length - 2;
  const by = between === 0 ? '' : `, by way of ${between} ${between === 1 ? 'CA' : 'CAs'}`;
  return `leads to ${distinguishedName(anchor.subject.der)}, which is trusted${by}`;
}

function judgeRevocation({ leaf, others, anchors, crls, usage, at }: Question): Finding {
  if (crls.length === 0) return ok('revocation', 'not looked at: no list was given (--crl)');
  const result = validateChain(
    { leaf, intermediates: others, anchors, crls },
    policyFor(usage, 'required'),
    at,
  );
  if (!result.ok) return failure('revocation', result, usage);
  return ok(
    'revocation',
    `no certificate of the chain is revoked, by ${crls.length} CRL${crls.length === 1 ? '' : 's'}`,
  );
}

function failure(what: string, failed: ChainFailure, usage: Usage): Finding {
  const named = failed.detail === USAGE_OIDS[usage] ? { ...failed, detail: USAGE_NAMES[usage] } : failed;
  const { message, fix } = explainProblem(named);
  return problem(what, message, fix);
}

/** By its subjectAltName alone, as every peer does. */
export function judgeHost(leaf: X509, host: PeerName): Finding {
  const wanted = showHost(host);
  if (matchesName(leaf, host)) return ok('host', `is for ${wanted}`);
  const { subjectAltNames = [] } = leaf.extensions;
  const { message, fix } = explainProblem({
    problem: 'peer-name-mismatch',
    subject: distinguishedName(leaf.subject.der),
    detail: wanted,
  });
  const has =
    subjectAltNames.length === 0
      ? 'nothing: it has no subjectAltName'
      : subjectAltNames.map(showGeneralName).join(', ');
  return problem('host', `${message}, but for ${has}`, fix);
}

export const showHost = (host: PeerName): string =>
  host.kind === 'ip' ? showAddress(host.value) : host.value;
