import { generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import {
  bitString,
  contextTag,
  element,
  integer,
  nothing,
  octetString,
  oid,
  sequence,
  setOf,
  TAG,
  time,
  utf8String,
} from '../../der.ts';
import { keyIdentifierOf, keyUsage, extension as writeExtension } from '../../issue/extensions.ts';

/** Writes certificates and CRLs for tests, right ones and wrong ones. */

export interface Keys {
  readonly publicKey: KeyObject;
  readonly privateKey: KeyObject;
}

export const ecKeys = (namedCurve = 'P-256'): Keys => generateKeyPairSync('ec', { namedCurve });
export const rsaKeys = (modulusLength = 2048): Keys => generateKeyPairSync('rsa', { modulusLength });

const YEAR = 365 * 24 * 3600 * 1000;
export const NOW = new Date('2026-06-01T12:00:00Z');

export interface Spec {
  readonly subject: string | Buffer;
  readonly issuer: string | Buffer;
  readonly keys: Keys;
  readonly issuerKeys: Keys;
  readonly serial?: number | Buffer;
  readonly notBefore?: Date;
  readonly notAfter?: Date;
  readonly extensions?: readonly Buffer[];
  /** AlgorithmIdentifier in the body, where it is to differ from the one outside. */
  readonly innerAlgorithm?: Buffer;
}

export function issue(spec: Spec): Buffer {
  const { subject, issuer, keys, issuerKeys, serial = 1, extensions = [] } = spec;
  const from = spec.notBefore ?? new Date(NOW.getTime() - YEAR);
  const to = spec.notAfter ?? new Date(NOW.getTime() + YEAR);
  const algorithm = algorithmOf(issuerKeys);
  const body = sequence(
    element(contextTag(0, true), integer(Buffer.of(2))),
    serialNumber(serial),
    spec.innerAlgorithm ?? algorithm,
    toName(issuer),
    sequence(time(from), time(to)),
    toName(subject),
    keys.publicKey.export({ type: 'spki', format: 'der' }),
    ...(extensions.length === 0 ? [] : [element(contextTag(3, true), sequence(...extensions))]),
  );
  return sealed(body, algorithm, issuerKeys);
}

export interface RevokedSpec {
  readonly serial: number;
  readonly since?: Date;
  readonly extensions?: readonly Buffer[];
}

export interface CrlSpec {
  readonly issuer: string;
  readonly issuerKeys: Keys;
  readonly revoked?: readonly RevokedSpec[];
  readonly thisUpdate?: Date;
  readonly nextUpdate?: Date | undefined;
  readonly extensions?: readonly Buffer[];
}

export function issueCrl(spec: CrlSpec): Buffer {
  const { issuer, issuerKeys, revoked = [], extensions = [extension.crlNumber(1)] } = spec;
  const algorithm = algorithmOf(issuerKeys);
  const entries = revoked.map(({ serial, since = new Date(NOW.getTime() - YEAR), extensions: more }) =>
    sequence(serialNumber(serial), time(since), ...(more ? [sequence(...more)] : [])),
  );
  const next = 'nextUpdate' in spec ? spec.nextUpdate : new Date(NOW.getTime() + YEAR);
  const body = sequence(
    integer(Buffer.of(1)),
    algorithm,
    toName(issuer),
    time(spec.thisUpdate ?? new Date(NOW.getTime() - YEAR)),
    ...(next === undefined ? [] : [time(next)]),
    ...(entries.length === 0 ? [] : [sequence(...entries)]),
    ...(extensions.length === 0 ? [] : [element(contextTag(0, true), sequence(...extensions))]),
  );
  return sealed(body, algorithm, issuerKeys);
}

const sealed = (body: Buffer, algorithm: Buffer, { privateKey }: Keys): Buffer =>
  sequence(
    body,
    algorithm,
    bitString(sign(privateKey.asymmetricKeyType === 'ed25519' ? null : 'sha256', body, privateKey)),
  );

function algorithmOf({ privateKey }: Keys): Buffer {
  switch (privateKey.asymmetricKeyType) {
    case 'rsa':
      return sequence(oid('1.2.840.113549.1.1.11'), nothing());
    case 'ed25519':
      return sequence(oid('1.3.101.112'));
    default:
      return sequence(oid('1.2.840.10045.4.3.2'));
  }
}

function serialNumber(serial: number | Buffer): Buffer {
  if (typeof serial !== 'number') return element(TAG.integer, serial);
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(serial);
  return integer(bytes);
}

/** `CN=…` alone; any other name comes in DER. */
const toName = (name: string | Buffer): Buffer =>
  typeof name === 'string' ? sequence(setOf(sequence(oid('2.5.4.3'), utf8String(name)))) : name;

const CRITICAL = Buffer.of(1, 1, 0xff);

const rawExtension = (type: string, critical: boolean, value: Buffer): Buffer =>
  writeExtension(type, value, { critical });

export const keyIdOf = ({ publicKey }: Keys): Buffer => keyIdentifierOf(publicKey);

export const names = {
  dns: (value: string) => element(contextTag(2), Buffer.from(value)),
  email: (value: string) => element(contextTag(1), Buffer.from(value)),
  uri: (value: string) => element(contextTag(6), Buffer.from(value)),
  ip: (...bytes: number[]) => element(contextTag(7), Buffer.from(bytes)),
  directory: (name: string | Buffer) => element(contextTag(4, true), toName(name)),
};

const subtrees = (n: number, bases: readonly Buffer[]): Buffer[] =>
  bases.length === 0 ? [] : [element(contextTag(n, true), ...bases.map((base) => sequence(base)))];

export const extension = {
  raw: rawExtension,
  basicConstraints: (ca: boolean, pathLength?: number, critical = true) =>
    rawExtension(
      '2.5.29.19',
      critical,
      sequence(
        ...(ca ? [CRITICAL] : []),
        ...(pathLength === undefined ? [] : [integer(Buffer.of(pathLength))]),
      ),
    ),
  keyUsage,
  extendedKeyUsage: (...usages: readonly string[]) =>
    rawExtension('2.5.29.37', false, sequence(...usages.map(oid))),
  subjectKeyId: (keys: Keys) => rawExtension('2.5.29.14', false, octetString(keyIdOf(keys))),
  authorityKeyId: (keys: Keys) =>
    rawExtension('2.5.29.35', false, sequence(element(contextTag(0), keyIdOf(keys)))),
  subjectAltNames: (...given: readonly Buffer[]) => rawExtension('2.5.29.17', false, sequence(...given)),
  nameConstraints: (permitted: readonly Buffer[], excluded: readonly Buffer[] = []) =>
    rawExtension('2.5.29.30', true, sequence(...subtrees(0, permitted), ...subtrees(1, excluded))),
  crlReason: (reason: number) => rawExtension('2.5.29.21', false, element(0x0a, Buffer.of(reason))),
  crlNumber: (n: number, critical = false) => rawExtension('2.5.29.20', critical, integer(Buffer.of(n))),
  unknown: (critical: boolean) => rawExtension('1.3.6.1.4.1.55738.1', critical, nothing()),
};

/** A root and everything it says of itself. */
export const root = (name: string, keys: Keys, ...more: readonly Buffer[]): Buffer =>
  issue({
    subject: name,
    issuer: name,
    keys,
    issuerKeys: keys,
    extensions: [...caExtensions(keys), ...more],
  });

const caExtensions = (keys: Keys, pathLength?: number): Buffer[] => [
  extension.basicConstraints(true, pathLength),
  extension.keyUsage('keyCertSign', 'cRLSign'),
  extension.subjectKeyId(keys),
];

export interface Issuer {
  readonly name: string;
  readonly keys: Keys;
}

/** A CA below another. */
export const intermediate = (
  { name, keys }: Issuer,
  issuer: Issuer,
  { pathLength, more = [], ...spec }: { pathLength?: number; more?: readonly Buffer[] } & Partial<Spec> = {},
): Buffer =>
  issue({
    subject: name,
    issuer: issuer.name,
    keys,
    issuerKeys: issuer.keys,
    extensions: [...caExtensions(keys, pathLength), extension.authorityKeyId(issuer.keys), ...more],
    ...spec,
  });

/** A recording certificate. */
export const leaf = (
  { name, keys }: Issuer,
  issuer: Issuer,
  { more = [], ...spec }: { more?: readonly Buffer[] } & Partial<Spec> = {},
): Buffer =>
  issue({
    subject: name,
    issuer: issuer.name,
    keys,
    issuerKeys: issuer.keys,
    extensions: [
      extension.basicConstraints(false),
      extension.keyUsage('keyEncipherment', 'dataEncipherment'),
      extension.subjectKeyId(keys),
      extension.authorityKeyId(issuer.keys),
      ...more,
    ],
    ...spec,
  });
