import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { EXCEPTIONS } from '../exceptions.ts';
import { vectorsFolder } from '../vectors-folder.ts';
import { createTally, NOT_APPLICABLE, outcomeOf, type Verdict } from '../verdict.ts';
import { runWycheproof } from './run-wycheproof.ts';

const folder = vectorsFolder('wycheproof');

/** What each file has to come to. An empty run, or one that refuses everything, does not. */
const FILES = {
  aes_cbc_pkcs5: { valid: 72, invalid: 144, notApplicable: 0 },
  aes_gcm: { valid: 116, invalid: 87, notApplicable: 113 },
  rsa_oaep_2048_sha256_mgf1sha256: { valid: 17, invalid: 19, notApplicable: 1 },
  rsa_pkcs1_2048: { valid: 42, invalid: 25, notApplicable: 0 },
  rsa_pkcs1_3072: { valid: 41, invalid: 26, notApplicable: 0 },
  rsa_pkcs1_4096: { valid: 41, invalid: 26, notApplicable: 0 },
} as const;
const names = Object.keys(FILES) as (keyof typeof FILES)[];

describe.skipIf(folder === undefined)('Wycheproof', () => {
  let verdicts: readonly Verdict[] = [];
  beforeAll(async () => {
    const files = names.map((name) => join(folder ?? '', `${name}_test.json`));
    verdicts = await Array.fromAsync(runWycheproof(files));
  });
  const of = (name: string) => verdicts.filter(({ id }) => id.startsWith(`${name}/`));

  test.each(names)('%s comes out as the vectors say, and as many of it as it has', (name) => {
    const found = of(name);
    expect(found.filter((each) => outcomeOf(each, EXCEPTIONS) === 'failed')).toEqual([]);
    const count = (got: string) => found.filter((each) => each.got === got).length;
    expect({
      valid: count('valid'),
      invalid: count('invalid'),
      notApplicable: count(NOT_APPLICABLE),
    }).toEqual(FILES[name]);
  });

  test('all of them, counted', () => {
    const tally = createTally('wycheproof', EXCEPTIONS);
    for (const verdict of verdicts) tally.add(verdict);
    expect(tally.summary()).toMatchObject({ cases: 770, passed: 656, failed: 0, notApplicable: 114 });
  });

  test('what does not apply is a nonce of another length than 12 bytes, or an empty session key', () => {
    const reasons = verdicts.filter(({ got }) => got === NOT_APPLICABLE).map(({ reason }) => reason);
    expect(reasons.filter((reason) => !/an IV of \d+ bytes$|no session key is empty/.test(reason))).toEqual(
      [],
    );
    expect(reasons.filter((reason) => /an IV of 12 bytes/.test(reason))).toEqual([]);
  });
});
