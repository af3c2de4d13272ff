import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { EXCEPTIONS } from '../exceptions.ts';
import { vectorsFolder } from '../vectors-folder.ts';
import { createTally, outcomeOf, type Verdict } from '../verdict.ts';
import { readCases } from './read-cases.ts';
import { addressOf, runX509 } from './run-x509.ts';

const folder = vectorsFolder('x509');
const path = (name: string) => join(folder ?? '', name);
const LIMBO = path('limbo.json');
const CORE = path('limbo-core-ids.json');
const PKITS = path('pkits.json');

const run = (...files: string[]): Promise<Verdict[]> => Array.fromAsync(runX509(files));

/** What was accepted and refused, rightly and wrongly. A run that refuses everything does not come to these. */
function count(verdicts: readonly Verdict[]) {
  const of = (expected: string, got: string) =>
    verdicts.filter((each) => each.expected === expected && each.got === got).length;
  return {
    accepted: of('SUCCESS', 'SUCCESS'),
    refused: of('FAILURE', 'FAILURE'),
    wronglyAccepted: of('FAILURE', 'SUCCESS'),
    wronglyRefused: of('SUCCESS', 'FAILURE'),
  };
}

describe.skipIf(folder === undefined)('x509-limbo and PKITS', () => {
  let limbo: readonly Verdict[] = [];
  let core: readonly Verdict[] = [];
  let pkits: readonly Verdict[] = [];
  beforeAll(async () => {
    limbo = await run(LIMBO);
    core = await run(LIMBO, CORE);
    pkits = await run(PKITS);
  });

  test("Limbo's core, chains from a recording certificate to a root: all 138", () => {
    expect(count(core)).toEqual({ accepted: 54, refused: 84, wronglyAccepted: 0, wronglyRefused: 0 });
  });

  test('PKITS 4.1 to 4.7 and 4.16: all 76', () => {
    const covered = pkits.filter(({ id }) => /^4(0[1-7]|16)/.test(id));
    expect(count(covered)).toEqual({ accepted: 34, refused: 42, wronglyAccepted: 0, wronglyRefused: 0 });
  });

  test('all of both, and the rest for a reason that was reviewed', () => {
    expect(count(limbo)).toEqual({ accepted: 62, refused: 118, wronglyAccepted: 27, wronglyRefused: 1 });
    expect(count(pkits)).toEqual({ accepted: 47, refused: 97, wronglyAccepted: 0, wronglyRefused: 28 });
    const failed = [...limbo, ...pkits].filter((each) => outcomeOf(each, EXCEPTIONS) === 'failed');
    expect(failed).toEqual([]);
    const tally = createTally('x509', EXCEPTIONS);
    for (const verdict of [...limbo, ...pkits]) tally.add(verdict);
    expect(tally.summary()).toMatchObject({ cases: 380, passed: 324, excepted: 56, failed: 0 });
  });

  test('no exception stands for something that comes out right', () => {
    const different = [...limbo, ...pkits].filter(({ expected, got }) => expected !== got);
    const needed = new Set(different.map(({ id }) => id));
    expect(Object.keys(EXCEPTIONS).filter((id) => !needed.has(id))).toEqual([]);
  });

  test('none of the core is excepted', () => {
    expect(core.filter(({ id }) => Object.hasOwn(EXCEPTIONS, id))).toEqual([]);
  });

  test('a list of ids has to be whole', async () => {
    await expect(run(PKITS, CORE)).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' });
    expect(await readCases([PKITS, LIMBO, CORE])).toHaveLength(138);
  });
});

test.each([
  ['10.0.0.1', '0a000001'],
  ['::1', '00000000000000000000000000000001'],
  ['2001:db8::8a2e:370:7334', '20010db80000000000008a2e03707334'],
  ['1:2:3:4:5:6:7:8', '00010002000300040005000600070008'],
  ['fe80::', 'fe800000000000000000000000000000'],
  ['example.com', ''],
])('the address %s', (text, hex) => {
  expect(addressOf(text).toString('hex')).toBe(hex);
});
