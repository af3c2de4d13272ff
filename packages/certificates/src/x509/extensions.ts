import { contextTag, DerError, type Element, expectTag, TAG } from '../der.ts';
import { type DistributionPoint, parseDistributionPoints } from './distribution-points.ts';
import { type GeneralName, parseGeneralNames } from './general-names.ts';
import { type NameConstraints, parseNameConstraints } from './name-constraints.ts';
import {
  booleanOf,
  fieldsOf,
  listOf,
  namedBitsOf,
  oidOf,
  readStrictOnly,
  smallIntegerOf,
} from './strict-der.ts';

/** KeyUsage (RFC 5280, 4.2.1.3), each at the number of its bit. */
export const KEY_USAGES = [
  'digitalSignature',
  'nonRepudiation',
  'keyEncipherment',
  'dataEncipherment',
  'keyAgreement',
  'keyCertSign',
  'cRLSign',
  'encipherOnly',
  'decipherOnly',
] as const;
export type KeyUsage = (typeof KEY_USAGES)[number];

export interface BasicConstraints {
  readonly ca: boolean;
  readonly pathLength: number | undefined;
}

export interface AuthorityKeyId {
  /** Hex. */
  readonly keyId: string | undefined;
}

/** What of a certificate's extensions decides anything here. Each is undefined where it is absent. */
export interface Extensions {
  readonly basicConstraints: BasicConstraints | undefined;
  readonly keyUsage: ReadonlySet<KeyUsage> | undefined;
  /** OIDs. */
  readonly extendedKeyUsage: ReadonlySet<string> | undefined;
  readonly subjectAltNames: readonly GeneralName[] | undefined;
  readonly nameConstraints: NameConstraints | undefined;
  /** Hex. */
  readonly subjectKeyId: string | undefined;
  readonly authorityKeyId: AuthorityKeyId | undefined;
  readonly distributionPoints: readonly DistributionPoint[] | undefined;
  readonly policyConstraints: { readonly requiresPolicy: boolean } | undefined;
  readonly inhibitAnyPolicy: number | undefined;
  /** Names of those above, and OIDs of others, that are marked critical. */
  readonly critical: ReadonlySet<string>;
  /** OIDs of those that are critical and mean nothing to this code. */
  readonly unknownCritical: readonly string[];
}

type Decoded = Omit<Extensions, 'critical' | 'unknownCritical'>;

const DECODERS: { readonly [Name in keyof Decoded]: (value: Buffer) => Decoded[Name] } = {
  basicConstraints: (value) => {
    const fields = fieldsOf(readStrictOnly(value, TAG.sequence));
    const ca = fields.optional(BOOLEAN);
    const pathLength = fields.optional(TAG.integer);
    fields.end();
    return {
      ca: ca !== undefined && booleanOf(ca),
      pathLength: pathLength === undefined ? undefined : smallIntegerOf(pathLength),
    };
  },
  keyUsage: (value) => {
    const bits = namedBitsOf(readStrictOnly(value, TAG.bitString));
    return new Set(KEY_USAGES.filter((_, bit) => bits.has(bit)));
  },
  extendedKeyUsage: (value) => new Set(listOf(readStrictOnly(value, TAG.sequence)).map(oidOf)),
  subjectAltNames: (value) => {
    const names = parseGeneralNames(readStrictOnly(value, TAG.sequence));
    const isAddress = (name: GeneralName) => name.kind !== 'ip' || [4, 16].includes(name.value.length);
    if (!names.every(isAddress)) throw new DerError('has a malformed IP address');
    return names;
  },
  nameConstraints: (value) => parseNameConstraints(readStrictOnly(value, TAG.sequence)),
  subjectKeyId: (value) => readStrictOnly(value, TAG.octetString).content.toString('hex'),
  authorityKeyId: (value) => {
    const fields = fieldsOf(readStrictOnly(value, TAG.sequence));
    const keyId = fields.optional(contextTag(0));
    const issuer = fields.optional(contextTag(1, true));
    const serial = fields.optional(contextTag(2));
    fields.end();
    if ((issuer === undefined) !== (serial === undefined)) {
      throw new DerError('names an issuer without a serial number, or the other way round');
    }
    return { keyId: keyId?.content.toString('hex') };
  },
  distributionPoints: (value) => parseDistributionPoints(readStrictOnly(value, TAG.sequence)),
  policyConstraints: (value) => {
    const fields = fieldsOf(readStrictOnly(value, TAG.sequence));
    const explicit = fields.optional(contextTag(0));
    const mapping = fields.optional(contextTag(1));
    fields.end();
    if (explicit === undefined && mapping === undefined) throw new DerError('has empty policy constraints');
    return { requiresPolicy: explicit !== undefined };
  },
  inhibitAnyPolicy: (value) => smallIntegerOf(readStrictOnly(value, TAG.integer)),
};

const BOOLEAN = 0x01;

const NAMES: Readonly<Record<string, keyof Decoded>> = {
  '2.5.29.14': 'subjectKeyId',
  '2.5.29.15': 'keyUsage',
  '2.5.29.17': 'subjectAltNames',
  '2.5.29.19': 'basicConstraints',
  '2.5.29.30': 'nameConstraints',
  '2.5.29.31': 'distributionPoints',
  '2.5.29.35': 'authorityKeyId',
  '2.5.29.36': 'policyConstraints',
  '2.5.29.37': 'extendedKeyUsage',
  '2.5.29.54': 'inhibitAnyPolicy',
};

/**
 * Any policy will do here, and none need be there, so of policies only a CA that requires one could make a difference
 * (check-certificate.ts), and a mapping of anyPolicy, which there must not be (6.1.4).
 */
const CERTIFICATE_POLICIES = '2.5.29.32';
const POLICY_MAPPINGS = '2.5.29.33';
const ANY_POLICY = '2.5.29.32.0';
const UNDERSTOOD: readonly string[] = [CERTIFICATE_POLICIES, POLICY_MAPPINGS];

const AUTHORITY_INFO_ACCESS = '1.3.6.1.5.5.7.1.1';

export interface RawExtension {
  readonly oid: string;
  readonly critical: boolean;
  readonly value: Buffer;
}

const MAX_EXTENSIONS = 100;

/** An Extensions SEQUENCE (4.1.2.9), of certificates, of CRLs and of the entries of CRLs. None may be there twice. */
export function parseRawExtensions(sequence: Element): RawExtension[] {
  const found = listOf(expectTag(sequence, TAG.sequence), 1, MAX_EXTENSIONS).map((each) => {
    const fields = fieldsOf(expectTag(each, TAG.sequence));
    const oid = oidOf(fields.next(TAG.oid));
    const critical = fields.optional(BOOLEAN);
    const { content: value } = fields.next(TAG.octetString);
    fields.end();
    return { oid, critical: critical !== undefined && booleanOf(critical), value };
  });
  if (new Set(found.map(({ oid }) => oid)).size < found.length) throw new DerError('has an extension twice');
  return found;
}

/** Throws DerError. */
export function parseExtensions(sequence: Element | undefined): Extensions {
  const decoded: Record<string, unknown> = {};
  const critical = new Set<string>();
  const unknownCritical: string[] = [];
  for (const { oid, critical: isCritical, value } of sequence === undefined
    ? []
    : parseRawExtensions(sequence)) {
    const name = NAMES[oid];
    if (name !== undefined) decoded[name] = DECODERS[name](value);
    if (oid === AUTHORITY_INFO_ACCESS) listOf(readStrictOnly(value, TAG.sequence));
    if (isCritical) critical.add(name ?? oid);
    if (oid === POLICY_MAPPINGS) checkMappings(value);
    if (isCritical && name === undefined && !UNDERSTOOD.includes(oid)) unknownCritical.push(oid);
  }
  return { ...NONE, ...decoded, critical, unknownCritical };
}

function checkMappings(value: Buffer): void {
  const policies = listOf(readStrictOnly(value, TAG.sequence)).flatMap((mapping) =>
    listOf(expectTag(mapping, TAG.sequence), 2, 2).map(oidOf),
  );
  if (policies.includes(ANY_POLICY)) throw new DerError('maps anyPolicy');
}

const NONE: Decoded = {
  basicConstraints: undefined,
  keyUsage: undefined,
  extendedKeyUsage: undefined,
  subjectAltNames: undefined,
  nameConstraints: undefined,
  subjectKeyId: undefined,
  authorityKeyId: undefined,
  distributionPoints: undefined,
  policyConstraints: undefined,
  inhibitAnyPolicy: undefined,
};
