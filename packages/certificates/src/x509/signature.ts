import { constants, createPublicKey, type KeyObject, verify } from 'node:crypto';
import { contextTag, DerError, type Element, sequence, TAG } from '../der.ts';
import { MAX_RSA_BITS, MIN_RSA_BITS } from '../rsa-size.ts';
import type { Signed } from './parse-x509.ts';
import type { ChainPolicy, LegacyAlgorithm } from './policy.ts';
import type { SubjectKey } from './public-key.ts';
import { fieldsOf, oidOf, readStrict, readStrictOnly, smallIntegerOf } from './strict-der.ts';

/** How something is signed. */
interface Scheme {
  readonly keys: readonly SubjectKey['type'][];
  /** Null where the key's algorithm has its own. */
  readonly hash: string | null;
  readonly legacy?: LegacyAlgorithm;
  /** Only PSS has one. */
  readonly saltLength?: number;
}

const rsa = (hash: string): Scheme => ({ keys: ['rsa'], hash });
const ecdsa = (hash: string): Scheme => ({ keys: ['ec'], hash });

const SCHEMES: Readonly<Record<string, Scheme>> = {
  '1.2.840.113549.1.1.5': { ...rsa('sha1'), legacy: 'sha1' },
  '1.2.840.113549.1.1.14': rsa('sha224'),
  '1.2.840.113549.1.1.11': rsa('sha256'),
  '1.2.840.113549.1.1.12': rsa('sha384'),
  '1.2.840.113549.1.1.13': rsa('sha512'),
  '1.2.840.10045.4.1': { ...ecdsa('sha1'), legacy: 'sha1' },
  '1.2.840.10045.4.3.1': ecdsa('sha224'),
  '1.2.840.10045.4.3.2': ecdsa('sha256'),
  '1.2.840.10045.4.3.3': ecdsa('sha384'),
  '1.2.840.10045.4.3.4': ecdsa('sha512'),
  '1.3.101.112': { keys: ['ed25519'], hash: null },
  '1.2.840.10040.4.3': { keys: ['dsa'], hash: 'sha1', legacy: 'dsa' },
  '2.16.840.1.101.3.4.3.2': { keys: ['dsa'], hash: 'sha256', legacy: 'dsa' },
};
const PSS = '1.2.840.113549.1.1.10';

const PSS_HASHES: Readonly<Record<string, string>> = {
  '2.16.840.1.101.3.4.2.1': 'sha256',
  '2.16.840.1.101.3.4.2.2': 'sha384',
  '2.16.840.1.101.3.4.2.3': 'sha512',
};
const MGF1 = '1.2.840.113549.1.1.8';

/** Undefined for algorithms that are not taken, and for parameters that are not what they have to be. */
function schemeOf(algorithm: Element): Scheme | undefined {
  const fields = fieldsOf(algorithm);
  const oid = oidOf(fields.next(TAG.oid));
  if (oid === PSS) return pssScheme(fields.next(TAG.sequence));
  const scheme = SCHEMES[oid];
  // RFC 4055, 5: NULL has to be there for RSA, and everybody has to do without it.
  const nothing = scheme?.keys.includes('rsa') ? fields.optional(TAG.null) : undefined;
  fields.end();
  return nothing === undefined || nothing.content.length === 0 ? scheme : undefined;
}

/** RSASSA-PSS-params (RFC 4055, 3.1), with one hash for both and no defaults: those are SHA-1. */
function pssScheme(parameters: Element): Scheme | undefined {
  const fields = fieldsOf(parameters);
  const hash = hashOf(onlyInside(fields.next(contextTag(0, true))));
  const maskGenerator = fieldsOf(onlyInside(fields.next(contextTag(1, true))));
  const isMgf1 = oidOf(maskGenerator.next(TAG.oid)) === MGF1;
  const maskHash = hashOf(maskGenerator.next(TAG.sequence));
  maskGenerator.end();
  const salt = fields.optional(contextTag(2, true));
  const saltLength = salt === undefined ? 20 : smallIntegerOf(readStrictOnly(salt.content, TAG.integer));
  fields.end();
  if (hash === undefined || !isMgf1 || maskHash !== hash || saltLength > 512) return undefined;
  return { keys: ['rsa', 'rsa-pss'], hash, saltLength };
}

const onlyInside = (explicit: Element): Element => readStrictOnly(explicit.content, TAG.sequence);

function hashOf(algorithm: Element): string | undefined {
  const fields = fieldsOf(algorithm);
  const oid = oidOf(fields.next(TAG.oid));
  fields.optional(TAG.null);
  fields.end();
  return PSS_HASHES[oid];
}

/** Whether a signature of this kind is taken at all, whoever's it is. */
export function isAlgorithmAllowed({ algorithm }: Signed, { legacy }: ChainPolicy): boolean {
  try {
    const scheme = schemeOf(algorithm);
    return scheme !== undefined && (scheme.legacy === undefined || legacy.includes(scheme.legacy));
  } catch (error) {
    if (error instanceof DerError) return false;
    throw error;
  }
}

/** RFC 5280 leaves it open; below 2048 bits RSA can be broken, and a curve without a name can be anything. */
export function isKeyAllowed(
  { type, bits, curve, exponentFits }: SubjectKey,
  { legacy }: Pick<ChainPolicy, 'legacy'>,
): boolean {
  switch (type) {
    case 'rsa':
    case 'rsa-pss':
      return (
        exponentFits && bits <= MAX_RSA_BITS && bits >= (legacy.includes('rsa-1024') ? 1024 : MIN_RSA_BITS)
      );
    case 'ec':
      return curve !== undefined;
    case 'ed25519':
      return true;
    case 'dsa':
      return legacy.includes('dsa');
    default:
      return false;
  }
}

/** A DSA key without a group of its own has that of whoever issued its certificate. */
export const inheritsParameters = ({ type, parameters }: SubjectKey): boolean =>
  type === 'dsa' && parameters?.[0] !== TAG.sequence;

/** Of checking one with a key that was not used before, in units of some 0.15 ms. */
export function signatureCost({ bits, curve }: SubjectKey): number {
  if (curve === 'P-521') return 12;
  if (curve === 'P-384') return 6;
  return bits > 4096 ? 3 : 1;
}

const keyObjects = new WeakMap<SubjectKey, KeyObject | null>();

/** False for anything that is wrong with key, algorithm or signature. Takes from 0.05 to 1 ms. */
export function isSignedBy(signed: Signed, key: SubjectKey): boolean {
  try {
    const scheme = schemeOf(signed.algorithm);
    const publicKey = keyObjectOf(key);
    if (publicKey === null || !scheme?.keys.includes(key.type)) return false;
    const { hash, saltLength } = scheme;
    const padding = saltLength === undefined ? {} : { padding: constants.RSA_PKCS1_PSS_PADDING, saltLength };
    return verify(hash, signed.body, { key: publicKey, ...padding }, signed.signature);
  } catch {
    // OpenSSL throws for some of what is malformed.
    return false;
  }
}

function keyObjectOf(key: SubjectKey): KeyObject | null {
  let found = keyObjects.get(key);
  if (found === undefined) {
    found = toKeyObject(key.der);
    keyObjects.set(key, found);
  }
  return found;
}

function toKeyObject(der: Buffer): KeyObject | null {
  try {
    return createPublicKey({ key: der, format: 'der', type: 'spki' });
  } catch {
    return null;
  }
}

/** The same key, with its issuer's group. */
export function withParameters(key: SubjectKey, parameters: Buffer): SubjectKey {
  const fields = fieldsOf(readStrict(key.der));
  const oid = fieldsOf(fields.next(TAG.sequence)).next(TAG.oid);
  const bits = fields.next(TAG.bitString);
  return { ...key, parameters, der: sequence(sequence(oid.raw, parameters), bits.raw) };
}
