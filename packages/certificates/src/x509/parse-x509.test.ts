import { X509Certificate } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import {
  contextTag,
  element,
  integer,
  nothing,
  octetString,
  oid,
  sequence,
  setOf,
  utf8String,
} from '../der.ts';
import { isSelfIssued, parseX509 } from './parse-x509.ts';
import { ecKeys, extension, issue, names, rsaKeys, type Spec } from './testing/issue.ts';

const keys = rsaKeys();
const like = (spec: Partial<Spec> = {}): Buffer =>
  issue({ subject: 'Subject', issuer: 'Issuer', keys, issuerKeys: keys, ...spec });
const name = (...parts: Buffer[][]) => sequence(...parts.map((part) => setOf(...part)));
const attribute = (type: string, value: string) => sequence(oid(type), utf8String(value));
const [CN, O] = ['2.5.4.3', '2.5.4.10'];
const keyOf = (subject: Buffer) => parseX509(like({ subject })).subject.key;

test('reads what Node reads', () => {
  const der = like({ serial: 0x80ff, extensions: [extension.basicConstraints(true, 3)] });
  const [ours, theirs] = [parseX509(der), new X509Certificate(der)];
  expect(ours.fingerprint).toBe(theirs.fingerprint256.replaceAll(':', '').toLowerCase());
  expect(Number(`0x${ours.serial}`)).toBe(Number(`0x${theirs.serialNumber}`));
  expect([ours.notBefore, ours.notAfter]).toEqual([
    theirs.validFromDate.getTime(),
    theirs.validToDate.getTime(),
  ]);
  expect(ours.key.der).toEqual(theirs.publicKey.export({ type: 'spki', format: 'der' }));
  expect(ours).toMatchObject({ version: 3, key: { type: 'rsa', bits: 2048, exponentFits: true } });
  expect(ours.extensions.basicConstraints).toEqual({ ca: true, pathLength: 3 });
  expect(isSelfIssued(ours)).toBe(false);
});

describe('names are compared', () => {
  test('part by part, without order inside of one', () => {
    const [a, b] = [attribute(CN, 'a'), attribute(O, 'b')];
    expect(keyOf(name([a, b]))).toBe(keyOf(sequence(element(0x31, b, a))));
    expect(keyOf(name([a], [b]))).not.toBe(keyOf(name([b], [a])));
    expect(keyOf(name([a], [b]))).not.toBe(keyOf(name([a, b])));
  });

  test('so that no value looks like two', () => {
    const injected = name([attribute(CN, `a",${O}="b`)]);
    const two = name([attribute(CN, 'a')], [attribute(O, 'b')]);
    expect(keyOf(injected)).not.toBe(keyOf(two));
    expect(keyOf(name([attribute(CN, `a,${O}=b`)]))).not.toBe(keyOf(two));
  });

  test('in whatever case, width and spacing', () => {
    const of = (text: string) => keyOf(name([attribute(CN, text)]));
    expect(of(' Zürich   AG ')).toBe(of('zÜRICH ag'));
    expect(of('Ａ')).toBe(of('a'));
    expect(of('Zurich AG')).not.toBe(of('Zürich AG'));
    const bytes = (value: string) => keyOf(name([sequence(oid(CN), octetString(Buffer.from(value)))]));
    expect(bytes('A')).not.toBe(bytes('a'));
  });
});

describe('refuses', () => {
  const strange = extension.raw('2.5.29.17', false, sequence());
  test.each([
    [
      'two algorithms',
      like({ innerAlgorithm: sequence(oid('1.2.840.113549.1.1.12'), nothing()) }),
      'two signature',
    ],
    ['a serial number of 21 bytes', like({ serial: Buffer.alloc(21, 1) }), '20 bytes'],
    ['an empty list of names', like({ extensions: [strange] }), 'empty list'],
    [
      'an extension twice',
      like({ extensions: [extension.unknown(false), extension.unknown(true)] }),
      'twice',
    ],
    ['bytes behind it', Buffer.concat([like(), Buffer.of(0)]), 'after its end'],
    [
      'a name that is not ASCII',
      like({ extensions: [extension.subjectAltNames(names.dns('zürich'))] }),
      'ASCII',
    ],
    ['something large', Buffer.alloc(65_537), '64 KiB'],
  ])('%s', (_, der, why) => {
    expect(() => parseX509(der)).toThrow(why);
  });

  test('extensions before version 3, and versions that there are not', () => {
    const der = like({ extensions: [extension.basicConstraints(true)] });
    const version = element(contextTag(0, true), integer(Buffer.of(2)));
    const where = der.indexOf(version) + version.length - 1;
    for (const [value, why] of [
      [1, 'before version 3'],
      [0, 'unknown version'],
      [3, 'unknown version'],
    ] as const) {
      const other = Buffer.from(der);
      other[where] = value;
      expect(() => parseX509(other)).toThrow(why);
    }
  });
});

test('RSA exponents that would make checking slow, or nothing, do not fit', () => {
  const key = (exponent: Buffer) => {
    const rsa = sequence(integer(Buffer.alloc(256, 0xc1)), integer(exponent));
    const spki = sequence(sequence(oid('1.2.840.113549.1.1.1'), nothing()), element(3, Buffer.of(0), rsa));
    const own = ecKeys();
    const old = own.publicKey.export({ type: 'spki', format: 'der' });
    const der = issue({ subject: 'S', issuer: 'S', keys: own, issuerKeys: own });
    const body = parseX509(der).signed.body;
    const parts = body.subarray(0, body.indexOf(old));
    const content = Buffer.concat([parts.subarray(4 - (parts[1] === 0x82 ? 0 : 1)), spki]);
    const algorithm = sequence(oid('1.2.840.10045.4.3.2'));
    return parseX509(sequence(sequence(content), algorithm, element(3, Buffer.of(0)))).key;
  };
  expect(key(Buffer.of(1, 0, 1))).toMatchObject({ exponentFits: true, bits: 2048 });
  expect(key(Buffer.of(3)).exponentFits).toBe(true);
  for (const bad of [Buffer.of(1), Buffer.of(2), Buffer.of(0), Buffer.alloc(6, 1)]) {
    expect(key(bad).exponentFits).toBe(false);
  }
});
