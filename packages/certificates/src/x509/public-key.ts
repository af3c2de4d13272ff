import { type Element, expectTag, TAG } from '../der.ts';
import { bytesOfBits, fieldsOf, integerOf, oidOf, readStrictOnly } from './strict-der.ts';

/** A SubjectPublicKeyInfo, as far as it says what its key can be used with. */
export interface SubjectKey {
  /** The whole SubjectPublicKeyInfo. */
  readonly der: Buffer;
  readonly type: 'rsa' | 'rsa-pss' | 'ec' | 'ed25519' | 'dsa' | 'unknown';
  /** Of RSA's modulus; 0 for other keys. */
  readonly bits: number;
  /** Of an elliptic curve: P-256 and so on; undefined where it has no name that is taken. */
  readonly curve: string | undefined;
  /** RSA's public exponent is one that can be worked with. */
  readonly exponentFits: boolean;
  /** The AlgorithmIdentifier's parameters. DSA keys may inherit those of their issuer (RFC 3279, 2.3.2). */
  readonly parameters: Buffer | undefined;
}

const TYPES: Readonly<Record<string, SubjectKey['type']>> = {
  '1.2.840.113549.1.1.1': 'rsa',
  '1.2.840.113549.1.1.10': 'rsa-pss',
  '1.2.840.10045.2.1': 'ec',
  '1.3.101.112': 'ed25519',
  '1.2.840.10040.4.1': 'dsa',
};

const CURVES: Readonly<Record<string, string>> = {
  '1.2.840.10045.3.1.7': 'P-256',
  '1.3.132.0.34': 'P-384',
  '1.3.132.0.35': 'P-521',
};

/** Throws DerError. */
export function parseSubjectKey(sequence: Element): SubjectKey {
  const fields = fieldsOf(expectTag(sequence, TAG.sequence));
  const algorithm = fieldsOf(fields.next(TAG.sequence));
  const bits = bytesOfBits(fields.next(TAG.bitString));
  fields.end();
  const type = TYPES[oidOf(algorithm.next(TAG.oid))] ?? 'unknown';
  const parameters = optionalAny(algorithm);
  algorithm.end();
  const key = {
    der: sequence.raw,
    type,
    bits: 0,
    curve: type === 'ec' && parameters?.tag === TAG.oid ? CURVES[oidOf(parameters)] : undefined,
    exponentFits: false,
    parameters: parameters?.raw,
  };
  return type === 'rsa' || type === 'rsa-pss' ? { ...key, ...parseRsa(bits) } : key;
}

/** Anything is allowed for parameters, or nothing. */
function optionalAny(algorithm: ReturnType<typeof fieldsOf>): Element | undefined {
  for (const tag of [TAG.null, TAG.oid, TAG.sequence]) {
    const found = algorithm.optional(tag);
    if (found !== undefined) return found;
  }
  return undefined;
}

const ONE = Buffer.of(1);
const MAX_EXPONENT_SIZE = 5;

/** RSAPublicKey (RFC 8017, A.1.1). A long exponent would make a check take as long as a signature. */
function parseRsa(bytes: Buffer): Pick<SubjectKey, 'bits' | 'exponentFits'> {
  const fields = fieldsOf(readStrictOnly(bytes, TAG.sequence));
  const modulus = magnitude(integerOf(fields.next(TAG.integer)));
  const exponent = magnitude(integerOf(fields.next(TAG.integer)));
  fields.end();
  return {
    bits: modulus.length === 0 ? 0 : modulus.length * 8 - (Math.clz32(modulus[0] ?? 0) - 24),
    exponentFits:
      exponent.length <= MAX_EXPONENT_SIZE && ((exponent.at(-1) ?? 0) & 1) === 1 && !exponent.equals(ONE),
  };
}

const magnitude = (integer: Buffer): Buffer => (integer[0] === 0 ? integer.subarray(1) : integer);
