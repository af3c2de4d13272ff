import type { Problem } from '@sealtrack/audit-trail/verify/problems';
import type { AuditReport, OpenChain } from '@sealtrack/audit-trail/verify/report';
import { printable } from '../output.ts';
import { formatTime } from '../units.ts';

const SHOWN = 50;

/** What was found, for people: what was looked at, then what is wrong, then what nobody can say. */
export function describeReport(report: AuditReport): string[] {
  if (report.records === 0) return ['There are no audit records.'];
  const { records, from, to, chains, checkpoints } = report;
  return [
    `${counted(records, 'record')}, ${formatTime(from?.time)} to ${formatTime(to?.time)} (${from?.sequence} to ${to?.sequence} on the stream)`,
    `${counted(chains, 'chain')}, ${counted(checkpoints, 'checkpoint')}, ${signed(report)}`,
    ...beginning(report),
    ...report.open.slice(0, SHOWN).map(openText),
    ...more(report.open.length - SHOWN, 'chains without their end'),
    ...report.problems.slice(0, SHOWN).map(problemText),
    ...more(report.found - SHOWN, 'things wrong: --json lists more of them'),
    report.ok
      ? 'Nothing is wrong with them.'
      : `${report.found === 1 ? 'One thing is' : `${report.found} things are`} wrong.\nfix: keep what there is (sealtrack audit export), and find out who can write to the stream AUDIT, or to its disk.`,
  ];
}

function signed({ signatures: { judged, signers, unsigned } }: AuditReport): string {
  if (!judged) return 'signatures NOT looked at: without a trusted CA a log proves mistakes only';
  const who = Object.entries(signers).map(([name, count]) => `${count} signed by ${printable(name)}`);
  return [...who, ...(unsigned > 0 ? [`${unsigned} unsigned`] : [])].join(', ') || 'nothing signed';
}

function beginning({ beforeChains, chainsFrom, beginsInMiddle, cutChains, from }: AuditReport): string[] {
  const before =
    chainsFrom === undefined
      ? 'No record is in a chain: they are from before there were chains, and nothing can be said of them.'
      : `${beforeChains} records are from before there were chains, which begin at ${formatTime(chainsFrom.time)}: nothing can be said of them.`;
  return [
    ...(beforeChains > 0 ? [before] : []),
    ...(beginsInMiddle
      ? [
          `The log begins with record ${from?.sequence}, in the middle of ${counted(cutChains, 'chain')}: nothing can be said of what was before.`,
        ]
      : []),
  ];
}

const openText = ({ chain, records, newest, uncovered }: OpenChain): string =>
  `not closed: chain ${chain.slice(0, 8)}, ${counted(records, 'record')}, the last at ${formatTime(newest)}: its server runs, or was killed` +
  (uncovered > 0 ? `; no checkpoint vouches for its last ${uncovered}` : '');

const problemText = ({ kind, sequence, time, text }: Problem): string =>
  printable(`WRONG  ${kind}  at ${sequence} on the stream, ${formatTime(time)}: ${text}.`);

const counted = (count: number, what: string): string => `${count} ${what}${count === 1 ? '' : 's'}`;

const more = (count: number, what: string): string[] => (count > 0 ? [`… and ${count} more ${what}`] : []);
