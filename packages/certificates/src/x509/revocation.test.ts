import { describe, expect, test } from 'vitest';
import { contextTag, element, integer, octetString, sequence, TAG } from '../der.ts';
import { parseCrl } from './crl.ts';
import type { KeyUsage } from './extensions.ts';
import { type ChainPolicy, RECORDING_POLICY } from './policy.ts';
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
import { validateChain } from './validate-chain.ts';

const A: Issuer = { name: 'Root A', keys: ecKeys() };
const C: Issuer = { name: 'Sub C', keys: ecKeys() };
const E: Issuer = { name: 'Recording', keys: rsaKeys() };
const rootA = root(A.name, A.keys);
const subC = intermediate(C, A, { serial: 2 });
const certificate = leaf(E, C, { serial: 7 });
const ofA = issueCrl({ issuer: A.name, issuerKeys: A.keys });
const ofC = { issuer: C.name, issuerKeys: C.keys };
const SECOND = 1000;

function outcome(
  crls: readonly Buffer[],
  policy: Partial<ChainPolicy> = {},
  {
    own = certificate,
    at = NOW,
    more = [],
    anchors = [rootA],
  }: { own?: Buffer; at?: Date; more?: readonly Buffer[]; anchors?: readonly Buffer[] } = {},
): string {
  const chain = { leaf: own, intermediates: [subC, ...more], anchors, crls };
  const result = validateChain(chain, { ...RECORDING_POLICY, revocation: 'required', ...policy }, at);
  return result.ok ? 'ok' : `${result.problem} ${result.subject}`;
}

describe('who is on a list', () => {
  test('the leaf and the CAs, for whoever issued them', () => {
    expect(outcome([ofA, issueCrl({ ...ofC, revoked: [{ serial: 8 }] })])).toBe('ok');
    expect(outcome([ofA, issueCrl({ ...ofC, revoked: [{ serial: 8 }, { serial: 7 }] })])).toBe(
      'revoked CN=Recording',
    );
    const caRevoked = issueCrl({
      issuer: A.name,
      issuerKeys: A.keys,
      revoked: [{ serial: 2 }, { serial: 7 }],
    });
    expect(outcome([caRevoked, issueCrl(ofC)])).toBe('revoked CN=Sub C');
  });

  test('of what was signed before: anybody, unless his key stayed where it was', () => {
    const signed = new Date(NOW.getTime() - 1000 * SECOND);
    const afterwards = new Date(NOW.getTime() - 900 * SECOND);
    const before = new Date(NOW.getTime() - 1100 * SECOND);
    const outcomeOf = (reason: number | undefined, since: Date, at: Date) => {
      const extensions = reason === undefined ? {} : { extensions: [extension.crlReason(reason)] };
      const crl = issueCrl({
        ...ofC,
        revoked: [{ serial: 7, since, ...extensions }],
        thisUpdate: afterwards,
      });
      const chain = { leaf: certificate, intermediates: [subC], anchors: [rootA], crls: [ofA, crl] };
      const result = validateChain(chain, { ...RECORDING_POLICY, revocation: 'required' }, at, NOW);
      return result.ok ? 'ok' : result.problem;
    };
    const [superseded, keyCompromise] = [4, 1];
    expect(outcomeOf(superseded, afterwards, signed)).toBe('ok');
    expect(outcomeOf(superseded, before, signed)).toBe('revoked');
    expect(outcomeOf(superseded, afterwards, NOW)).toBe('revoked');
    for (const reason of [keyCompromise, 0, undefined])
      expect(outcomeOf(reason, afterwards, signed)).toBe('revoked');
  });

  test('is asked for as the policy says', () => {
    expect(outcome([ofA])).toBe('crl-missing CN=Recording');
    expect(outcome([], { revocation: 'if-available' })).toBe('ok');
    const revoked = issueCrl({ ...ofC, revoked: [{ serial: 7 }] });
    expect(outcome([revoked], { revocation: 'if-available' })).toBe('revoked CN=Recording');
    expect(outcome([revoked], { revocation: 'off' })).toBe('ok');
  });

  test('an anchor is trusted until it is taken away', () => {
    expect(
      outcome([issueCrl({ issuer: A.name, issuerKeys: A.keys, revoked: [{ serial: 1 }] }), issueCrl(ofC)]),
    ).toBe('ok');
  });
});

describe('a list is believed', () => {
  test('in its time, both ends with it', () => {
    const [from, to] = [new Date(NOW.getTime() - 10 * SECOND), new Date(NOW.getTime() + 10 * SECOND)];
    const crls = [ofA, issueCrl({ ...ofC, thisUpdate: from, nextUpdate: to })];
    const at = (ms: number) => outcome(crls, {}, { at: new Date(ms) });
    expect(at(from.getTime() - 1)).toBe('crl-not-yet-valid CN=Recording');
    expect(at(from.getTime())).toBe('ok');
    expect(at(to.getTime() + 999)).toBe('ok');
    expect(at(to.getTime() + SECOND)).toBe('crl-expired CN=Recording');
    expect(outcome([ofA, issueCrl({ ...ofC, nextUpdate: undefined })])).toBe(
      'crl-not-conforming CN=Recording',
    );
  });

  test('from its issuer, with a key that is for it', () => {
    const stranger = issueCrl({ ...ofC, issuerKeys: ecKeys() });
    expect(outcome([ofA, stranger])).toBe('crl-signature-invalid CN=Recording');
    expect(outcome([ofA, stranger, issueCrl(ofC)])).toBe('ok');
    expect(outcome([ofA, stranger], { revocation: 'if-available' })).toBe(
      'crl-signature-invalid CN=Recording',
    );
  });

  test('from a key of its own that the CA has for it, unless that is revoked or of another root', () => {
    const signer: Issuer = { name: C.name, keys: ecKeys() };
    const crl = issueCrl({ ...ofC, issuerKeys: signer.keys });
    const forCrls = (issuer: Issuer, serial: number, ...usage: KeyUsage[]) =>
      leaf(signer, issuer, {
        serial,
        extensions: [
          extension.keyUsage(...usage),
          extension.subjectKeyId(signer.keys),
          extension.authorityKeyId(issuer.keys),
        ],
      });
    const B: Issuer = { name: 'Root B', keys: ecKeys() };
    expect(outcome([ofA, crl], {}, { more: [forCrls(A, 5, 'cRLSign')] })).toBe('ok');
    // Covered by the very list that it signs.
    expect(outcome([ofA, crl], {}, { more: [forCrls(C, 5, 'cRLSign')] })).toBe('ok');
    expect(outcome([ofA, crl], {}, { more: [forCrls(A, 5, 'digitalSignature')] })).toMatch(
      /^crl-signature-invalid/,
    );
    expect(outcome([ofA, crl], {}, { more: [forCrls(B, 5, 'cRLSign'), root(B.name, B.keys)] })).toMatch(
      /^crl-issuer-untrusted/,
    );
    // Trusted, and by another root than the certificate.
    const anchors = [rootA, root(B.name, B.keys)];
    const ofB = issueCrl({ issuer: B.name, issuerKeys: B.keys });
    const elsewhere = { more: [forCrls(B, 5, 'cRLSign')], anchors };
    expect(outcome([ofA, ofB, crl], {}, elsewhere)).toMatch(/^crl-issuer-untrusted/);
    const revoked = issueCrl({ issuer: A.name, issuerKeys: A.keys, revoked: [{ serial: 5 }] });
    expect(outcome([revoked, crl], {}, { more: [forCrls(A, 5, 'cRLSign')] })).toMatch(
      /^crl-issuer-untrusted/,
    );
  });

  test('when nothing critical in it is unknown', () => {
    const number = extension.crlNumber(1);
    expect(outcome([ofA, issueCrl({ ...ofC, extensions: [number, extension.unknown(true)] })])).toMatch(
      /^crl-unsupp/,
    );
    expect(outcome([ofA, issueCrl({ ...ofC, extensions: [number, extension.unknown(false)] })])).toBe('ok');
    const entry = (critical: boolean) => [{ serial: 8, extensions: [extension.unknown(critical)] }];
    expect(outcome([ofA, issueCrl({ ...ofC, revoked: entry(true) })])).toMatch(/^crl-unsupported/);
    expect(outcome([ofA, issueCrl({ ...ofC, revoked: entry(false) })])).toBe('ok');
  });

  test('with a number, which is not critical; a lenient policy does without', () => {
    expect(outcome([ofA, issueCrl({ ...ofC, extensions: [] })])).toMatch(/^crl-not-conforming/);
    expect(outcome([ofA, issueCrl({ ...ofC, extensions: [] })], { profile: 'lenient' })).toBe('ok');
    expect(outcome([ofA, issueCrl({ ...ofC, extensions: [extension.crlNumber(1, true)] })])).toMatch(
      /^crl-not-conf/,
    );
  });

  test('when it can be read; whose one that cannot is, nobody knows', () => {
    const noList = Buffer.from('no list');
    expect(outcome([noList, ofA, issueCrl(ofC)])).toBe('ok');
    expect(outcome([noList, ofA], { revocation: 'if-available' })).toBe('crl-malformed CRL 1');
  });
});

describe('what a list speaks of', () => {
  const number = extension.crlNumber(1);
  const scope = (...parts: Buffer[]) => extension.raw('2.5.29.28', true, sequence(...parts));
  const yes = Buffer.of(0xff);
  const listed = (...parts: Buffer[]) =>
    outcome([ofA, issueCrl({ ...ofC, extensions: [number, scope(...parts)] })]);

  test('kinds of certificates', () => {
    expect(listed(element(contextTag(1), yes))).toBe('ok');
    expect(listed(element(contextTag(2), yes))).toBe('crl-incomplete CN=Recording');
    expect(listed(element(contextTag(5), yes))).toBe('crl-incomplete CN=Recording');
  });

  test('some reasons: all of them are wanted, from whatever lists', () => {
    const reasons = (unused: number, ...bits: number[]) => element(contextTag(3), Buffer.of(unused, ...bits));
    const [some, others] = [reasons(5, 0x60), reasons(7, 0x1f, 0x80)];
    expect(listed(some)).toBe('crl-incomplete CN=Recording');
    const both = [some, others].map((each) => issueCrl({ ...ofC, extensions: [number, scope(each)] }));
    expect(outcome([ofA, ...both])).toBe('ok');
  });

  test('a distribution point: the one that the certificate names', () => {
    const point = (uri: string) => element(contextTag(0, true), element(contextTag(0, true), names.uri(uri)));
    const named = leaf(E, C, {
      more: [extension.raw('2.5.29.31', false, sequence(sequence(point('http://a/crl'))))],
    });
    const crl = (uri: string) => issueCrl({ ...ofC, extensions: [number, scope(point(uri))] });
    expect(outcome([ofA, crl('http://a/crl')], {}, { own: named })).toBe('ok');
    expect(outcome([ofA, crl('http://b/crl')], {}, { own: named })).toBe('crl-incomplete CN=Recording');
    expect(outcome([ofA, crl('http://a/crl')])).toBe('crl-incomplete CN=Recording');
    expect(outcome([ofA, issueCrl(ofC)], {}, { own: named })).toBe('ok');
  });

  test('a distribution point of some reasons, or of somebody else, is not the whole', () => {
    const uri = (text: string) => element(contextTag(0, true), element(contextTag(0, true), names.uri(text)));
    const [some, other] = [
      element(contextTag(1), Buffer.of(5, 0x60)),
      element(contextTag(2, true), names.directory('X')),
    ];
    const crl = issueCrl({ ...ofC, extensions: [number, scope(uri('http://a/crl'))] });
    const pointing = (...parts: Buffer[]) =>
      leaf(E, C, {
        more: [extension.raw('2.5.29.31', false, sequence(sequence(uri('http://a/crl'), ...parts)))],
      });
    expect(outcome([ofA, crl], {}, { own: pointing() })).toBe('ok');
    expect(outcome([ofA, crl], {}, { own: pointing(some) })).toBe('crl-incomplete CN=Recording');
    expect(outcome([ofA, crl], {}, { own: pointing(other) })).toBe('crl-incomplete CN=Recording');
  });

  test("a distribution point of the issuer's own name, which nobody has to name", () => {
    const named = (name: string) =>
      element(contextTag(0, true), element(contextTag(0, true), names.directory(name)));
    expect(listed(named(C.name))).toBe('ok');
    expect(listed(named('Else'))).toBe('crl-incomplete CN=Recording');
  });

  test('other CAs: never', () => {
    expect(listed(element(contextTag(4), yes))).toBe('crl-unsupported CN=Recording');
  });

  test('changes: they revoke, and let nobody off', () => {
    const delta = [number, extension.raw('2.5.29.27', true, integer(Buffer.of(1)))];
    const reason = (code: number) => [extension.raw('2.5.29.21', false, element(0x0a, Buffer.of(code)))];
    const changes = (code: number) =>
      issueCrl({ ...ofC, extensions: delta, revoked: [{ serial: 7, extensions: reason(code) }] });
    const held = issueCrl({ ...ofC, revoked: [{ serial: 7, extensions: reason(6) }] });
    expect(outcome([ofA, issueCrl({ ...ofC, extensions: delta })])).toBe('crl-incomplete CN=Recording');
    expect(outcome([ofA, issueCrl(ofC), changes(1)])).toBe('revoked CN=Recording');
    expect(outcome([ofA, issueCrl(ofC), changes(8)])).toBe('ok');
    expect(outcome([ofA, held, changes(8)])).toBe('revoked CN=Recording');
    expect(() => parseCrl(issueCrl({ ...ofC, revoked: [{ serial: 7, extensions: reason(8) }] }))).toThrow(
      'takes back',
    );
  });
});

test('a long list is read, and one that is too long is not', () => {
  const revoked = Array.from({ length: 5000 }, (_, serial) => ({ serial }));
  expect(parseCrl(issueCrl({ ...ofC, revoked })).revoked.size).toBe(5000);
  expect(() => parseCrl(octetString(Buffer.alloc(9 * 1024 * 1024)))).toThrow('8 MiB');
  expect(() => parseCrl(element(TAG.sequence))).toThrow();
});
