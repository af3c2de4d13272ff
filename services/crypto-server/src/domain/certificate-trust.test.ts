import { parseCertificate } from '@sealtrack/certificates/certificate';
import { parseCrl } from '@sealtrack/certificates/x509/crl';
import { parseX509 } from '@sealtrack/certificates/x509/parse-x509';
import {
  ecKeys,
  intermediate,
  issueCrl,
  leaf,
  NOW,
  root,
  rsaKeys,
} from '@sealtrack/certificates/x509/testing/issue';
import { Certificate } from '@sealtrack/contracts/gen/sealtrack/certificates/v1/certificates';
import { describe, expect, test } from 'vitest';
import { createCertificateTrust, type TrustSettings } from './certificate-trust.ts';

const DAY = 24 * 3600 * 1000;
const days = (count: number) => new Date(NOW.getTime() + count * DAY);
const rootCa = { name: 'Root', keys: ecKeys() };
const ca = { name: 'CA', keys: ecKeys() };
const sales = { name: 'Sales', keys: rsaKeys() };
const rootDer = root('Root', rootCa.keys);
const caDer = intermediate(ca, rootCa);
const leafDer = leaf(sales, ca);
const infoOf = (der: Buffer) => parseCertificate(der);

const trustOf = (more: Partial<TrustSettings> = {}) =>
  createCertificateTrust({ accept: 'any', profile: 'strict', roots: () => [], crls: () => [], ...more });
const roots = () => [parseX509(rootDer)];
const untrusted = (problem: string) =>
  expect.objectContaining({
    code: 'CERTIFICATE_UNTRUSTED',
    details: { problem },
    fix: expect.stringContaining('--decrypt-only'),
  });

describe('how a certificate is trusted', () => {
  test('by a root that is configured, one that came along, or itself, in this order', () => {
    const { establish } = trustOf({ roots });
    expect(establish(infoOf(leafDer), [caDer], NOW)).toEqual({
      trust: 'trusted-root',
      chain: [caDer, rootDer],
    });
    const another = trustOf();
    expect(another.establish(infoOf(leafDer), [rootDer, caDer], NOW)).toEqual({
      ...{ trust: 'private-ca', chain: [caDer, rootDer] },
    });
    const own = leaf(sales, sales);
    expect(another.establish(infoOf(own), [Buffer.from('no certificate')], NOW)).toEqual({
      ...{ trust: 'self-signed', chain: [] },
    });
  });

  test('not by a CA between that came along without its root', () => {
    expect(() => trustOf().establish(infoOf(leafDer), [caDer], NOW)).toThrow(untrusted('issuer-unknown'));
  });

  test('by configured roots only, where nothing else is accepted', () => {
    const { establish } = trustOf({ accept: 'roots', roots });
    expect(establish(infoOf(leafDer), [caDer], NOW).trust).toBe('trusted-root');
    expect(() => establish(infoOf(leaf(sales, sales)), [], NOW)).toThrow(untrusted('root-untrusted'));
    const stranger = { name: 'Stranger', keys: ecKeys() };
    const others = [root('Stranger', stranger.keys)];
    expect(() => establish(infoOf(leaf(sales, stranger)), others, NOW)).toThrow(untrusted('root-untrusted'));
  });

  test('is no question of its own dates, and then none of lists of today', () => {
    const list = issueCrl({ issuer: 'CA', issuerKeys: ca.keys, thisUpdate: days(-1), nextUpdate: days(1) });
    const { establish } = trustOf({ roots, crls: () => [parseCrl(list)] });
    for (const dates of [
      { notBefore: days(-300), notAfter: days(-100) },
      { notBefore: days(100), notAfter: days(300) },
    ])
      expect(establish(infoOf(leaf(sales, ca, dates)), [caDer], NOW).trust).toBe('trusted-root');
    expect(establish(infoOf(leafDer), [caDer], NOW).trust).toBe('trusted-root');
  });

  test('ends with revocation', () => {
    const list = issueCrl({ issuer: 'CA', issuerKeys: ca.keys, revoked: [{ serial: 1 }] });
    const { establish } = trustOf({ roots, crls: () => [parseCrl(list)] });
    expect(() => establish(infoOf(leafDer), [caDer], NOW)).toThrow(untrusted('revoked'));
    // That is said also where its own root came along, beside those that are configured.
    const stranger = root('Stranger', rsaKeys());
    const others = trustOf({ roots: () => [parseX509(stranger)], crls: () => [parseCrl(list)] });
    expect(() => others.establish(infoOf(leafDer), [caDer, rootDer], NOW)).toThrow(untrusted('revoked'));
  });
});

describe('whether new recordings may be encrypted to it', () => {
  const certificate = (more: Partial<Certificate>) => Certificate.fromPartial({ der: leafDer, ...more });

  test('it is judged by the root that came with it, up to that, and at its time', () => {
    const old = root('Root', rootCa.keys);
    const short = intermediate(ca, rootCa, { notAfter: days(30) });
    const { judge } = trustOf();
    const chained = certificate({ trust: 'private-ca', chain: [short, old] });
    expect(judge(chained, NOW)).toEqual({ problem: '', problemText: '' });
    expect(judge(chained, days(31)).problem).toBe('expired');
    // A CA between is trusted for its root only.
    const broken = certificate({ trust: 'private-ca', chain: [caDer, root('Root', ecKeys())] });
    expect(judge(broken, NOW).problem).not.toBe('');
  });

  test('one that shall only open, or was trusted by nobody, is for none', () => {
    const { judge } = trustOf({ roots });
    const chain = [caDer, rootDer];
    expect(judge(certificate({ trust: 'trusted-root', chain }), NOW).problem).toBe('');
    expect(judge(certificate({ trust: 'trusted-root', chain, decryptOnly: true }), NOW)).toEqual({
      ...{ problem: 'decrypt-only', problemText: expect.stringContaining('old recordings') },
    });
    expect(trustOf().judge(certificate({ trust: 'none' }), NOW).problem).toBe('issuer-unknown');
    expect(trustOf().judge(certificate({ trust: 'trusted-root', chain }), NOW).problem).toBe(
      'root-untrusted',
    );
  });
});
