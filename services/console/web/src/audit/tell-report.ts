import { formatCount } from '../amounts.ts';
import { plural } from '../plural.ts';
import type { SentReport } from './use-verification.ts';

/** What a report comes to, as `sealtrack audit verify` tells it: the verdict, then what was looked at and what nobody can say. */
export function tellReport(report: SentReport): {
  readonly verdict: string;
  readonly lines: readonly string[];
} {
  const { ok, found, records, chains, checkpoints, signatures } = report;
  if (records === 0) return { verdict: 'There are no audit records', lines: [] };
  const { judged, signers, unsigned } = signatures;
  const signed = Object.entries(signers).map(([name, count]) => `${formatCount(count)} signed by ${name}`);
  return {
    verdict: ok
      ? 'Nothing is wrong with the records'
      : `${found === 1 ? 'One thing is' : `${formatCount(found)} things are`} wrong`,
    lines: [
      `${plural(records, 'record')} in ${plural(chains, 'chain')} with ${plural(checkpoints, 'checkpoint')}.`,
      judged
        ? `${[...signed, ...(unsigned > 0 ? [`${formatCount(unsigned)} unsigned`] : [])].join(', ') || 'Nothing is signed'}.`
        : 'Signatures were not looked at: without a trusted CA a log proves mistakes only.',
      ...(report.beforeChains > 0
        ? [
            `${plural(report.beforeChains, 'record')} from before there were chains: nothing can be said of them.`,
          ]
        : []),
      ...(report.beginsInMiddle
        ? [
            `It begins in the middle of ${plural(report.cutChains, 'chain')}: nothing can be said of what was before.`,
          ]
        : []),
      ...openChains(report),
    ],
  };
}

/** Those of processes that run, or were killed. */
function openChains({ open }: SentReport): string[] {
  const uncovered = open.reduce((sum, chain) => sum + chain.uncovered, 0);
  if (open.length === 0) return [];
  const servers = `${plural(open.length, 'chain')} without an end, whose servers run or were killed`;
  return [
    uncovered === 0
      ? `${servers}.`
      : `${servers}; no checkpoint vouches yet for ${plural(uncovered, 'record')} of them.`,
  ];
}
