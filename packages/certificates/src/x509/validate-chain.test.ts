import { describe, expect, test } from 'vitest';
import { oid, sequence, setOf, utf8String } from '../der.ts';
import { type ChainPolicy, RECORDING_POLICY } from './policy.ts';
import {
  ecKeys,
  extension,
  type Issuer,
  intermediate,
  issue,
  type Keys,
  leaf,
  NOW,
  names,
  root,
  rsaKeys,
} from './testing/issue.ts';
import { type Chain, validateChain } from './validate-chain.ts';

const A: Issuer = { name: 'Root A', keys: ecKeys() };
const B: Issuer = { name: 'Root B', keys: ecKeys() };
const C: Issuer = { name: 'Sub C', keys: ecKeys() };
const D: Issuer = { name: 'Sub D', keys: ecKeys() };
const E: Issuer = { name: 'Recording', keys: rsaKeys() };
const rootA = root(A.name, A.keys);
const rootB = root(B.name, B.keys);
const subC = intermediate(C, A, { serial: 2 });
const subD = intermediate(D, C, { serial: 3 });
const SECOND = 1000;

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

describe('paths', () => {
  test('straight up, from the leaf to the root, with what does not belong to it left aside', () => {
    const certificate = leaf(E, D);
    const chain = {
      leaf: certificate,
      intermediates: [rootB, subC, subD],
      anchors: [rootB, rootA],
      crls: [],
    };
    const result = validateChain(chain, RECORDING_POLICY, NOW);
    if (!result.ok) return expect.fail(result.problem);
    expect(result.path.map(({ der }) => der)).toEqual([certificate, subD, subC, rootA]);
  });

  test('to an anchor that is no root', () => {
    expect(outcome({ leaf: leaf(E, D), anchors: [subD] })).toBe('ok');
  });

  test('around CAs that certify each other', () => {
    const circle = [intermediate(C, D), intermediate(D, C), intermediate(C, B), intermediate(D, B)];
    expect(outcome({ leaf: leaf(E, D), intermediates: circle })).toBe('issuer-unknown CN=Sub C');
    expect(outcome({ leaf: leaf(E, D), intermediates: [...circle, subC] })).toBe('ok');
  });

  test('past a CA of the same name that leads nowhere, is expired, or may not', () => {
    const stranger = intermediate({ name: C.name, keys: ecKeys() }, A);
    const expired = intermediate(C, A, { notAfter: new Date(NOW.getTime() - SECOND) });
    const constrained = intermediate(C, B, { more: [extension.nameConstraints([names.directory('X')])] });
    const chain = { leaf: leaf(E, C), anchors: [rootB, rootA] };
    expect(outcome({ ...chain, intermediates: [stranger, expired, constrained] })).toMatch(
      /^(name-forb|exp)/,
    );
    expect(outcome({ ...chain, intermediates: [stranger, expired, constrained, subC] })).toBe('ok');
  });

  test('not without a CA between, and not to a root that is not trusted', () => {
    expect(outcome({ leaf: leaf(E, D), intermediates: [subD] })).toBe('issuer-unknown CN=Sub D');
    expect(outcome({ leaf: leaf(E, D), intermediates: [subD, subC, rootA], anchors: [rootB] })).toBe(
      'root-untrusted CN=Root A',
    );
  });

  test('a self-signed certificate only where it is an anchor itself, and whole', () => {
    const own = leaf(E, E);
    expect(outcome({ leaf: own, anchors: [own] })).toBe('ok');
    expect(outcome({ leaf: own })).toBe('root-untrusted CN=Recording');
    const damaged = Buffer.from(own);
    damaged[damaged.length - 1] = (damaged.at(-1) ?? 0) ^ 1;
    expect(outcome({ leaf: damaged, anchors: [damaged] })).toBe('signature-invalid CN=Recording');
  });

  test('with every key that is taken', () => {
    for (const keys of [rsaKeys(), ecKeys('P-384'), ecKeys('P-521')]) {
      expect(outcome({ leaf: leaf(E, { name: 'X', keys }), anchors: [root('X', keys)] })).toBe('ok');
    }
    const weak: Keys = rsaKeys(1024);
    expect(outcome({ leaf: leaf(E, { name: 'X', keys: weak }), anchors: [root('X', weak)] })).toBe(
      'key-refused CN=X',
    );
    expect(outcome({ leaf: leaf({ name: 'L', keys: weak }, A) })).toBe('key-refused CN=L');
    expect(outcome({ leaf: leaf({ name: 'L', keys: weak }, A) }, { legacy: ['rsa-1024'] })).toBe('ok');
  });
});

describe('what a CA may', () => {
  test('only a CA issues, with a key that is for it', () => {
    const notCa = leaf(D, C);
    const chain = { intermediates: [subC, notCa] };
    expect(outcome({ ...chain, leaf: leaf(E, D) })).toBe('not-a-ca CN=Sub D');
    const noSign = intermediate(D, C, {
      extensions: [extension.basicConstraints(true), extension.keyUsage('cRLSign')],
    });
    expect(outcome({ leaf: leaf(E, D), intermediates: [subC, noSign] })).toBe('ca-may-not-sign CN=Sub D');
  });

  test('pathLenConstraint counts CAs below, and not those that a CA issued to itself', () => {
    const short = intermediate(C, A, { pathLength: 0 });
    expect(outcome({ leaf: leaf(E, C), intermediates: [short] })).toBe('ok');
    expect(outcome({ leaf: leaf(E, D), intermediates: [short, subD] })).toBe('path-length-exceeded CN=Sub C');
    const next: Issuer = { name: C.name, keys: ecKeys() };
    const rollover = intermediate(next, C);
    expect(outcome({ leaf: leaf(E, next), intermediates: [short, rollover] })).toBe('ok');
  });

  test('no more CAs than the policy has', () => {
    const chain = { leaf: leaf(E, D), intermediates: [subC, subD] };
    expect(outcome(chain, { maxIntermediates: 2 })).toBe('ok');
    expect(outcome(chain, { maxIntermediates: 1 })).toBe('chain-too-long CN=Recording');
    expect(outcome({ leaf: leaf(E, A) }, { maxIntermediates: 0 })).toBe('ok');
    expect(outcome({ leaf: leaf(E, C), anchors: [subC] }, { maxIntermediates: 0 })).toBe('ok');
  });

  test("names: the anchor's constraints too, and none on what a CA issued to itself", () => {
    const only = (...bases: Buffer[]) => root(A.name, A.keys, extension.nameConstraints(bases));
    const named = leaf(E, A, { more: [extension.subjectAltNames(names.dns('a.example.com'))] });
    expect(outcome({ leaf: named, anchors: [only(names.dns('example.com'))] })).toBe('ok');
    expect(outcome({ leaf: named, anchors: [only(names.dns('example.org'))] })).toBe(
      'name-forbidden CN=Recording',
    );
    const next: Issuer = { name: A.name, keys: ecKeys() };
    const itself = intermediate(next, A, { more: [extension.subjectAltNames(names.dns('else.org'))] });
    const below = leaf(E, next, { more: [extension.subjectAltNames(names.dns('example.com'))] });
    const anchors = [only(names.dns('example.com'))];
    expect(outcome({ leaf: below, intermediates: [itself], anchors })).toBe('ok');
    // But on the certificate that is asked for, whoever issued it.
    expect(
      outcome({
        leaf: leaf({ ...E, name: A.name }, A, { more: [extension.subjectAltNames(names.dns('else.org'))] }),
        anchors,
      }),
    ).toMatch(/^name-forbidden/);
  });
});

describe('what a certificate says of itself', () => {
  test('critical extensions have to be known', () => {
    expect(outcome({ leaf: leaf(E, A, { more: [extension.unknown(true)] }) })).toMatch(
      /^critical-extension-unknown/,
    );
    expect(outcome({ leaf: leaf(E, A, { more: [extension.unknown(false)] }) })).toBe('ok');
  });

  test('dates: both ends belong to it, in whole seconds', () => {
    const [from, to] = [new Date('2026-01-01T00:00:00Z'), new Date('2050-01-01T00:00:00Z')];
    const chain = { leaf: leaf(E, A, { notBefore: from, notAfter: to }), anchors: [root(A.name, A.keys)] };
    const forEver = {
      anchors: [issue({ ...eternal, subject: A.name, issuer: A.name, keys: A.keys, issuerKeys: A.keys })],
    };
    const at = (ms: number) => outcome({ ...chain, ...forEver }, {}, new Date(ms));
    expect(at(from.getTime() - 1)).toBe('not-yet-valid CN=Recording');
    expect(at(from.getTime())).toBe('ok');
    expect(at(to.getTime() + 999)).toBe('ok');
    expect(at(to.getTime() + 1000)).toBe('expired CN=Recording');
    expect(at(Number.NaN)).toBe('not-yet-valid CN=Recording');
  });

  test('a use that it has to be for', () => {
    const other = leaf(E, A, {
      extensions: [extension.keyUsage('digitalSignature'), extension.authorityKeyId(A.keys)],
    });
    expect(outcome({ leaf: other })).toBe('key-usage-missing CN=Recording');
    expect(outcome({ leaf: other }, { keyUsage: [] })).toBe('ok');
    const server = ['1.3.6.1.5.5.7.3.1'];
    const client = leaf(E, A, { more: [extension.extendedKeyUsage('1.3.6.1.5.5.7.3.2')] });
    expect(outcome({ leaf: client }, { extendedKeyUsage: server })).toMatch(/^extended-key-usage-missing/);
    expect(outcome({ leaf: leaf(E, A) }, { extendedKeyUsage: server })).toBe('ok');
  });

  test('a name that it has to be for', () => {
    const more = [
      extension.subjectAltNames(names.dns('*.example.com'), names.dns('*.org'), names.ip(10, 0, 0, 1)),
    ];
    const named = leaf(E, A, { more });
    const asked = (value: string) => outcome({ leaf: named }, { peerName: { kind: 'dns', value } });
    expect(asked('A.example.com')).toBe('ok');
    for (const other of ['example.com', 'a.b.example.com', 'com', 'org', '', 'Recording']) {
      expect(asked(other)).toBe('peer-name-mismatch CN=Recording');
    }
    expect(outcome({ leaf: named }, { peerName: { kind: 'ip', value: Buffer.of(10, 0, 0, 1) } })).toBe('ok');
    expect(outcome({ leaf: named }, { peerName: { kind: 'ip', value: Buffer.of(10, 0, 0, 2) } })).toMatch(
      /^peer/,
    );
  });

  test('names are the same whatever their case, spaces and kind of string', () => {
    const printable = sequence(setOf(sequence(oid('2.5.4.3'), Buffer.from('\x13\x08ROOT   A'))));
    expect(outcome({ leaf: leaf(E, A, { issuer: printable }) })).toBe('ok');
    const another = sequence(setOf(sequence(oid('2.5.4.10'), utf8String('Root A'))));
    expect(outcome({ leaf: leaf(E, A, { issuer: another }) })).toBe('issuer-unknown CN=Recording');
  });

  test('what RFC 5280 has CAs write, unless the policy is lenient', () => {
    const bare = leaf(E, A, { extensions: [] });
    expect(outcome({ leaf: bare })).toBe('certificate-not-conforming CN=Recording');
    expect(outcome({ leaf: bare }, { profile: 'lenient' })).toBe('ok');
  });
});

const eternal = {
  notBefore: new Date('2020-01-01T00:00:00Z'),
  notAfter: new Date('9999-12-31T23:59:59Z'),
  extensions: [extension.basicConstraints(true), extension.subjectKeyId(A.keys)],
};
