import { createSelfSigned } from '@sealtrack/certificates/self-signed';
import { parseCrl } from '@sealtrack/certificates/x509/crl';
import { parseX509 } from '@sealtrack/certificates/x509/parse-x509';
import {
  ecKeys,
  extension,
  intermediate,
  issue,
  issueCrl,
  leaf,
  NOW,
  root,
  rsaKeys,
} from '@sealtrack/certificates/x509/testing/issue';
import { describe, expect, test } from 'vitest';
import { type Chain, createCertificateProblem, type TrustInForce } from './certificate-problem.ts';

const [notBefore, notAfter] = [new Date('2026-01-01T00:00:00Z'), new Date('2027-01-01T00:00:00Z')];
const { certificateDer: der } = await createSelfSigned({ commonName: 'One', notBefore, notAfter });
const other = await createSelfSigned({ commonName: 'Other', notBefore, notAfter });

/** Trust that a test may change. */
const trusting = (given: { accept?: 'roots'; roots?: Buffer[]; crls?: Buffer[] } = {}) => {
  let [roots, crls] = [(given.roots ?? []).map(parseX509), (given.crls ?? []).map(parseCrl)];
  const trust: TrustInForce = { accept: given.accept ?? 'any', roots: () => roots, crls: () => crls };
  return {
    trust,
    setRoots: (ders: Buffer[]) => {
      roots = ders.map(parseX509);
    },
    setCrls: (ders: Buffer[]) => {
      crls = ders.map(parseCrl);
    },
  };
};
/** Nothing is remembered from one question to the next. */
const problemIn = (trust: TrustInForce) => (chain: Chain, now: Date) =>
  createCertificateProblem(trust)(chain)(now)?.problem;
const problem = problemIn(trusting().trust);

test('a certificate is good from its first moment to its last, whatever was asked before', () => {
  const one = createCertificateProblem(trusting().trust)({ der, chain: [] });
  const at = (time: string) => one(new Date(time))?.problem;
  expect(at('2026-06-01T00:00:00Z')).toBeUndefined();
  expect(at('2027-01-01T00:00:01.000Z')).toBe('expired');
  expect(at('2027-01-01T00:00:00.000Z')).toBeUndefined();
  expect(at('2026-01-01T00:00:00.000Z')).toBeUndefined();
  expect(at('2025-12-31T23:59:59.999Z')).toBe('not-yet-valid');
  expect(at('2027-01-01T00:00:00.999Z')).toBeUndefined();
  expect(at('2027-01-01T00:00:01.000Z')).toBe('expired');
  expect(at('no time')).toBe('not-yet-valid');
  expect(at('2026-06-01T00:00:00Z')).toBeUndefined();
});

test('a chain that does not lead to its own end is no good', () => {
  expect(problem({ der, chain: [other.certificateDer] }, notBefore)).toBe('root-untrusted');
});

test('what is no certificate is no good, and no error either', () => {
  expect(problem({ der: der.subarray(0, 100), chain: [] }, notBefore)).toBe('certificate-malformed');
});

describe('a chain', () => {
  const rootCa = { name: 'Root', keys: ecKeys() };
  const ca = { name: 'CA', keys: ecKeys() };
  const own = { name: 'Sales', keys: rsaKeys() };
  const good = { leaf: leaf(own, ca), ca: intermediate(ca, rootCa), root: root('Root', rootCa.keys) };
  const after = (years: number) => new Date(NOW.getTime() + years * 365 * 24 * 3600 * 1000);

  test('is good down from its end, whoever that is', () => {
    expect(problem({ der: good.leaf, chain: [good.ca, good.root] }, NOW)).toBeUndefined();
    expect(problem({ der: good.leaf, chain: [good.ca] }, NOW)).toBeUndefined();
    expect(problem({ der: good.leaf, chain: [good.root] }, NOW)).toBe('issuer-unknown');
  });

  test('keeps to the dates of all in it', () => {
    const end = { notAfter: after(0.5) };
    for (const chain of [
      [intermediate(ca, rootCa, end), good.root],
      [good.ca, intermediate(rootCa, rootCa, end)],
    ]) {
      expect(problem({ der: good.leaf, chain }, NOW)).toBeUndefined();
      expect(problem({ der: good.leaf, chain }, after(0.6))).toBe('expired');
    }
  });

  test('of a CA that leaves out key identifiers is good enough: the crypto server took it', () => {
    const bare = issue({
      ...{ subject: 'CA', issuer: 'Root', keys: ca.keys, issuerKeys: rootCa.keys },
      extensions: [extension.basicConstraints(true), extension.keyUsage('keyCertSign')],
    });
    expect(problem({ der: good.leaf, chain: [bare, good.root] }, NOW)).toBeUndefined();
  });

  test('is no good for a certificate that is for something else', () => {
    const signing = issue({
      ...{ subject: 'Sales', issuer: 'CA', keys: own.keys, issuerKeys: ca.keys },
      extensions: [extension.basicConstraints(false), extension.keyUsage('digitalSignature')],
    });
    expect(problem({ der: signing, chain: [good.ca, good.root] }, NOW)).toBe('key-usage-missing');
  });

  const chain = { der: good.leaf, chain: [good.ca, good.root] };

  test('has to lead to a root where only roots count, and is judged anew when they change', () => {
    const { trust, setRoots } = trusting({ accept: 'roots', roots: [root('Other', ecKeys())] });
    const judged = createCertificateProblem(trust)(chain);
    expect(judged(NOW)?.problem).toBe('root-untrusted');
    expect(problemIn(trust)({ der, chain: [] }, notBefore)).toBe('root-untrusted');
    setRoots([good.root]);
    expect(judged(NOW)).toBeUndefined();
    setRoots([]);
    expect(judged(NOW)?.problem).toBe('root-untrusted');
  });

  test('is no good from the moment that a list names it', () => {
    const list = (serial: number) =>
      issueCrl({ issuer: 'CA', issuerKeys: ca.keys, revoked: [{ serial }], nextUpdate: after(1) });
    for (const accept of [undefined, 'roots'] as const) {
      const { trust, setCrls } = trusting({
        ...(accept && { accept }),
        roots: [good.root],
        crls: [list(99)],
      });
      const judged = createCertificateProblem(trust)(chain);
      expect(judged(NOW)).toBeUndefined();
      setCrls([list(1)]);
      expect(judged(NOW)?.problem).toBe('revoked');
      setCrls([]);
      expect(judged(NOW)).toBeUndefined();
    }
  });

  test('what is remembered is what is found anew, around every date of chain, roots and lists', () => {
    const days = (n: number) => new Date(Date.UTC(2026, 0, 1 + n));
    const between = (from: number, to: number) => ({ notBefore: days(from), notAfter: days(to) });
    const dated = {
      der: leaf(own, ca, between(10, 90)),
      chain: [intermediate(ca, rootCa, between(20, 80))],
    };
    const { trust } = trusting({
      accept: 'roots',
      roots: [issueRoot(between(5, 70)), root('Other', ecKeys())],
      crls: [issueCrl({ issuer: 'CA', issuerKeys: ca.keys, thisUpdate: days(30), nextUpdate: days(60) })],
    });
    const judged = createCertificateProblem(trust)(dated);
    const times = [5, 10, 20, 30, 60, 70, 80, 90].flatMap((day) =>
      [-1, 0, 1, 999, 1000, 1001].map((ms) => new Date(days(day).getTime() + ms)),
    );
    const found = (judge: (now: Date) => string | undefined) => times.map((time) => [time, judge(time)]);
    const fresh = found((time) => problemIn(trust)(dated, time));
    const remembering = (time: Date) => judged(time)?.problem;
    expect(found(remembering)).toEqual(fresh);
    expect(found(remembering).toReversed()).toEqual(fresh.toReversed());
    // From both sides of each.
    for (const time of times)
      for (const then of [times[0], times[24], times.at(-1)]) {
        remembering(then ?? NOW);
        expect(remembering(time)).toBe(problemIn(trust)(dated, time));
      }
    expect(new Set(fresh.map(([, each]) => each))).toEqual(
      new Set(['not-yet-valid', 'crl-not-yet-valid', undefined, 'crl-expired', 'expired']),
    );
  });

  const issueRoot = (dates: { notBefore: Date; notAfter: Date }) =>
    issue({
      ...{ subject: 'Root', issuer: 'Root', keys: rootCa.keys, issuerKeys: rootCa.keys, ...dates },
      extensions: [extension.basicConstraints(true), extension.subjectKeyId(rootCa.keys)],
    });
});
