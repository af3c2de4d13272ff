import type { PeerName } from '@sealtrack/certificates/x509/match-name';
import type { X509 } from '@sealtrack/certificates/x509/parse-x509';
import { describeFinding, type Finding } from '../doctor/finding.ts';
import { printable } from '../output.ts';
import { describeView, viewOf } from './certificate-view.ts';
import { judgeCertificates } from './judge-certificates.ts';
import { judgeChain, type Usage } from './judge-chain.ts';
import { type CrlFile, judgeCrls } from './judge-crls.ts';
import { judgeOrder, leafAmong } from './judge-order.ts';
import type { ServerView } from './judge-server.ts';

export interface Given {
  /** In the order in which a peer is sent them. At least one. */
  readonly sent: readonly X509[];
  /** The one that it is about, where that is known; else it is found. */
  readonly leaf: X509 | undefined;
  readonly anchors: readonly X509[];
  readonly crls: readonly CrlFile[];
  readonly usage: Usage;
  readonly host: PeerName | undefined;
  readonly at: Date;
}

export interface Verified {
  readonly leaf: X509;
  /** From the leaf to the anchor; what was sent when there is no such path. */
  readonly chain: readonly X509[];
  /** Whether `chain` leads to a trusted one. */
  readonly holds: boolean;
  readonly findings: readonly Finding[];
}

/** All that can be said of certificates without asking anybody. */
export function verifyCertificates({ sent, leaf: told, anchors, crls, usage, host, at }: Given): Verified {
  const leaf = told ?? leafAmong(sent);
  if (leaf === undefined) throw new Error('at least one certificate is sent');
  const others = sent.filter((each) => each !== leaf);
  const lists = crls.flatMap(({ crl }) => crl ?? []);
  const judged = judgeChain({ leaf, others, anchors, crls: lists, usage, host, at });
  const chain = judged.path ?? [leaf, ...others];
  const findings = [
    ...judged.findings,
    ...judgeOrder(sent, leaf, judged.path),
    ...judgeCertificates(chain, { usage, at, failed: judged.failed }),
    ...judgeCrls(crls, chain, at),
  ];
  return { leaf, chain, holds: judged.path !== undefined, findings };
}

export interface Report {
  /** A file or an address. */
  readonly subject: string;
  readonly server: ServerView | undefined;
  readonly chain: readonly X509[];
  readonly findings: readonly Finding[];
  readonly at: Date;
}

export const isWell = ({ findings }: Pick<Report, 'findings'>): boolean =>
  findings.every(({ state }) => state !== 'problem');

export const toView = ({ subject, server, chain, findings, at }: Report) => ({
  subject,
  ok: isWell({ findings }),
  ...(server && { server }),
  chain: chain.map((each) => viewOf(each, at)),
  findings,
});

export function describeReport({ subject, chain, findings, at }: Report): string {
  const certificates = chain.map((each, i) => `certificate ${i + 1}\n${describeView(viewOf(each, at), at)}`);
  return [printable(subject), ...certificates, '', ...findings.map(describeFinding)].join('\n');
}
