import { EncryptorStatus } from '@sealtrack/contracts/gen/sealtrack/profiles/v1/profiles';
import { expect, test } from 'vitest';
import { rolloutOf } from './rollout.ts';

const NOW = new Date('2026-06-01T12:00:00Z');
const ago = (seconds: number) => new Date(NOW.getTime() - seconds * 1000);
const entry = { key: 'demo.101', revision: 57n };
const status = (fields: Partial<EncryptorStatus>): EncryptorStatus =>
  EncryptorStatus.fromPartial({
    instance: 'a',
    reportedAt: ago(1),
    currentAt: ago(1),
    revision: 57n,
    ...fields,
  });
const refusing = (key: string, revision: bigint) => ({
  refused: [{ key, revision, certificateId: '', reason: 'root-untrusted', message: '', nextStep: '' }],
  refusedTotal: 1,
});
const stateOf = (fields: Partial<EncryptorStatus>) => rolloutOf(entry, [status(fields)], NOW)[0]?.state;

test.each<[string, Partial<EncryptorStatus>, string]>([
  ['that is up to it', {}, 'STATE_APPLIED'],
  ['that is further', { revision: 58n }, 'STATE_APPLIED'],
  ['that is not there yet', { revision: 56n }, 'STATE_PENDING'],
  ['that refuses it', refusing('demo.101', 57n), 'STATE_REFUSED'],
  ['that refused what was there before', refusing('demo.101', 55n), 'STATE_APPLIED'],
  [
    'that refused what was there before, and is not there yet',
    { ...refusing('demo.101', 55n), revision: 56n },
    'STATE_PENDING',
  ],
  ['that refuses something else', refusing('demo.1010', 57n), 'STATE_APPLIED'],
  [
    'that refuses more than it can name',
    { ...refusing('demo.7', 3n), refusedTotal: 101 },
    'STATE_UNSPECIFIED',
  ],
  ['that was heard of 29 s ago', { reportedAt: ago(29) }, 'STATE_APPLIED'],
  ['that was not heard of for 31 s', { reportedAt: ago(31) }, 'STATE_SILENT'],
  [
    'that refused it, and was not heard of since',
    { ...refusing('demo.101', 57n), reportedAt: ago(31) },
    'STATE_SILENT',
  ],
  ['that never says when', { reportedAt: undefined }, 'STATE_SILENT'],
  ['whose clock is ahead', { reportedAt: ago(-300) }, 'STATE_APPLIED'],
  ['whose clock is behind', { reportedAt: ago(3600) }, 'STATE_APPLIED'],
])('an encryptor %s', (_, fields, expected) => {
  expect(stateOf(fields)).toBe(expected);
});

test('the reasons of a refusal are those of the entry only, and encryptors come in the order of their names', () => {
  const [one, other] = [refusing('demo.101', 57n).refused, refusing('demo.102', 40n).refused];
  const all = [status({ instance: 'enc-10' }), status({ instance: 'enc-2', refused: [...one, ...other] })];
  const rollout = rolloutOf(entry, all, NOW);
  expect(rollout.map(({ instance }) => instance)).toEqual(['enc-2', 'enc-10']);
  expect(rollout[0]).toMatchObject({ refused: one, currentAt: ago(1), reportedAt: ago(1), revision: 57n });
});
