import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { LIMITS } from './budget.ts';
import { type ChainPolicy, RECORDING_POLICY } from './policy.ts';
import { CHAIN_PROBLEMS } from './problems.ts';
import {
  ecKeys,
  extension,
  type Issuer,
  intermediate,
  issueCrl,
  leaf,
  NOW,
  names,
  root,
  rsaKeys,
} from './testing/issue.ts';
import { type Chain, validateChain } from './validate-chain.ts';

const A: Issuer = { name: 'Root A', keys: ecKeys() };
const C: Issuer = { name: 'Sub C', keys: ecKeys() };
const E: Issuer = { name: 'Recording', keys: rsaKeys() };
const rootA = root(A.name, A.keys);
const subC = intermediate(C, A, { serial: 2 });

/** What came of it: `ok`, or what is wrong with whom. */
function outcome(
  chain: Partial<Chain> & Pick<Chain, 'leaf'>,
  policy: Partial<ChainPolicy> = {},
  at = NOW,
): string {
  const all = { intermediates: [], anchors: [rootA], crls: [], ...chain };
  const result = validateChain(all, { ...RECORDING_POLICY, ...policy }, at);
  return result.ok ? 'ok' : `${result.problem} ${result.subject}`;
}

describe('bounds', () => {
  test('a pile of CAs that certify each other is given up in time', () => {
    const parties = Array.from({ length: 14 }, (_, i): Issuer => ({ name: `CA ${i}`, keys: ecKeys() }));
    const pile = parties.flatMap((each) =>
      parties.filter((other) => other !== each).map((other) => intermediate(each, other)),
    );
    const chain = { leaf: leaf(E, parties[0] ?? A), intermediates: pile, anchors: [rootA], crls: [] };
    const result = validateChain(chain, RECORDING_POLICY, NOW);
    expect(result).toMatchObject({ ok: false, problem: 'search-exhausted' });
    expect(result.used.signatures).toBeLessThanOrEqual(LIMITS.signatures + 12);
    expect(result.used.steps).toBeLessThanOrEqual(LIMITS.steps + 1);
  });

  test('as many decoys of one name as there may be', () => {
    const decoys = Array.from({ length: 150 }, () => intermediate({ name: C.name, keys: ecKeys() }, A));
    const own = leaf(E, C, { extensions: [extension.keyUsage('keyEncipherment')] });
    const chain = { leaf: own, intermediates: decoys, anchors: [rootA], crls: [] };
    const result = validateChain(chain, { ...RECORDING_POLICY, profile: 'lenient' }, NOW);
    expect(result).toMatchObject({ ok: false, problem: 'search-exhausted' });
    expect(result.used.signatures).toBeLessThanOrEqual(LIMITS.signatures + 12);
    // With the key identifiers that it should have, the right one is found among them.
    expect(outcome({ leaf: leaf(E, C), intermediates: [...decoys, subC] })).toBe('ok');
  });

  test('names against constraints', () => {
    const many = (n: number) => Array.from({ length: n }, (_, i) => names.dns(`n${i}.example.com`));
    const constrained = root(A.name, A.keys, extension.nameConstraints(many(900)));
    const chain = {
      leaf: leaf(E, A, { more: [extension.subjectAltNames(...many(900))] }),
      anchors: [constrained],
    };
    expect(outcome(chain)).toBe('names-too-many CN=Recording');
  });

  test('the number of certificates, and their size', () => {
    const chain = { leaf: leaf(E, A), intermediates: Array.from({ length: 201 }, () => subC) };
    expect(outcome(chain)).toMatch(/^input-too-large/);
    const large = leaf(E, A, { more: [extension.raw('1.2.3.4', false, Buffer.alloc(60_000))] });
    expect(outcome({ leaf: large })).toBe('ok');
    expect(outcome({ leaf: large, intermediates: Array.from({ length: 5 }, () => large) })).toMatch(
      /^input-too-large/,
    );
  });
});

test('whatever is damaged, there is an answer, and never that a damaged certificate is fine', () => {
  const crl = issueCrl({ issuer: C.name, issuerKeys: C.keys, revoked: [{ serial: 9 }] });
  const parts = [leaf(E, C), subC, crl];
  expect(outcome({ leaf: leaf(E, C), intermediates: [subC], crls: [crl] })).toBe('ok');
  const flips = fc.array(fc.tuple(fc.nat(), fc.integer({ min: 1, max: 255 })), {
    minLength: 1,
    maxLength: 3,
  });
  const crls = [issueCrl({ issuer: A.name, issuerKeys: A.keys })];
  fc.assert(
    fc.property(fc.nat(2), flips, (which, changes) => {
      const damaged = parts.map((part) => Buffer.from(part));
      const part = damaged[which] ?? expect.fail();
      for (const [at, flip] of changes) part[at % part.length] = (part[at % part.length] ?? 0) ^ flip;
      const [own = part, ca = part, list = part] = damaged;
      const result = validateChain(
        { leaf: own, intermediates: [ca], anchors: [rootA], crls: [...crls, list] },
        { ...RECORDING_POLICY, revocation: 'required' },
        NOW,
      );
      if (!part.equals(parts[which] ?? part)) expect(result.ok).toBe(false);
      if (!result.ok) expect(CHAIN_PROBLEMS).toContain(result.problem);
    }),
    { numRuns: 2000 },
  );
});
