import { expect, test } from 'vitest';
import { tellReport } from './tell-report.ts';

const place = { sequence: 1, time: '2026-03-08T12:00:00Z' };
const report: Parameters<typeof tellReport>[0] = {
  ...{ ok: true, records: 1200, from: place, to: place, chainsFrom: place, beforeChains: 0, chains: 2 },
  ...{ checkpoints: 1, beginsInMiddle: false, cutChains: 0, open: [], problems: [], found: 0 },
  signatures: { judged: true, signers: { 'crypto-server': 3 }, unsigned: 0 },
};

test('a report is told as it is', () => {
  expect(tellReport(report)).toEqual({
    verdict: 'Nothing is wrong with the records',
    lines: ['1,200 records in 2 chains with 1 checkpoint.', '3 signed by crypto-server.'],
  });
  expect(tellReport({ ...report, records: 0 }).verdict).toBe('There are no audit records');
});

test('what is wrong is counted, and what nobody can say is said', () => {
  const open = [{ chain: 'c', records: 9, newest: place.time, uncovered: 4 }];
  const { verdict, lines } = tellReport({
    ...report,
    ...{ ok: false, found: 2, beforeChains: 1, beginsInMiddle: true, cutChains: 1, open },
    signatures: { judged: false, signers: {}, unsigned: 9 },
  });
  expect(verdict).toBe('2 things are wrong');
  expect(lines.slice(1).map((line) => line.split(':')[0])).toEqual([
    'Signatures were not looked at',
    '1 record from before there were chains',
    'It begins in the middle of 1 chain',
    '1 chain without an end, whose servers run or were killed; no checkpoint vouches yet for 4 records of them.',
  ]);
});
