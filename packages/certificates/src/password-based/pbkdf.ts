import { pbkdf2, scrypt } from 'node:crypto';
import { promisify } from 'node:util';
import { children, DerError, type Element, expectTag, TAG } from '../der.ts';
import { type Algorithm, algorithmOf, numberOf, octetsOf } from '../der-values.ts';
import { unsupported } from '../key-file-errors.ts';
import type { Spend } from './work-limit.ts';

/** Makes `size` bytes of a password. The caller zeroes them. Throws PRIVATE_KEY_INVALID when that is too much work. */
export interface Pbkdf {
  /** Bytes, where the file says so. */
  readonly keySize: number | undefined;
  readonly derive: (password: Buffer, size: number, spend: Spend) => Promise<Buffer>;
}

/** Names of Node for the HMACs (RFC 8018, B.1.2), with the sizes of their results. */
const HMACS: Readonly<Record<string, readonly [digest: string, size: number]>> = {
  '1.2.840.113549.2.6': ['md5', 16],
  '1.2.840.113549.2.7': ['sha1', 20],
  '1.2.840.113549.2.8': ['sha224', 28],
  '1.2.840.113549.2.9': ['sha256', 32],
  '1.2.840.113549.2.10': ['sha384', 48],
  '1.2.840.113549.2.11': ['sha512', 64],
  '1.2.840.113549.2.12': ['sha512-224', 28],
  '1.2.840.113549.2.13': ['sha512-256', 32],
};

/** Throws PRIVATE_KEY_INVALID. */
export function hmacOf({ oid }: Algorithm): readonly [digest: string, size: number] {
  const found = HMACS[oid];
  if (found === undefined) throw unsupported('hash', oid);
  return found;
}

/** Far over any key. */
const MAX_KEY_SIZE = 1024;

const SHA1_HMAC: Algorithm = { oid: '1.2.840.113549.2.7', parameters: undefined };

/** A key derivation function of PBES2 or PBMAC1. Throws DerError, PRIVATE_KEY_INVALID. */
export function pbkdfOf({ oid, parameters }: Algorithm): Pbkdf {
  if (oid === '1.2.840.113549.1.5.12') return pbkdf2Of(parameters);
  if (oid === '1.3.6.1.4.1.11591.4.11') return scryptOf(parameters);
  throw unsupported('derivation', oid);
}

function keySizeOf(found: Element | undefined): number | undefined {
  if (found === undefined) return undefined;
  const size = numberOf(found);
  if (size < 1 || size > MAX_KEY_SIZE) throw new DerError('has an impossible size of key');
  return size;
}

/** RFC 8018, A.2. */
function pbkdf2Of(parameters: Element | undefined): Pbkdf {
  const [salt, rounds, ...options] = children(expectTag(parameters, TAG.sequence), 4);
  const keySize = options.find(({ tag }) => tag === TAG.integer);
  const prf = options.find(({ tag }) => tag === TAG.sequence);
  const [digest, digestSize] = hmacOf(prf === undefined ? SHA1_HMAC : algorithmOf(prf));
  const iterations = numberOf(rounds);
  if (iterations < 1) throw new DerError('derives its key in no rounds');
  const saltBytes = octetsOf(salt);
  return {
    keySize: keySizeOf(keySize),
    async derive(password, size, spend) {
      spend(iterations * Math.ceil(size / digestSize));
      return await promisify(pbkdf2)(password, saltBytes, iterations, size, digest);
    },
  };
}

/** Bytes of memory. OpenSSL asks for 16 MiB when nothing else is said. */
const MAX_SCRYPT_MEMORY = 256 * 1024 * 1024;
/** Node wants to be told a little more than 128·N·r. */
const SCRYPT_SLACK = 1024 * 1024;

const scryptAsync = promisify<Buffer, Buffer, number, object, Buffer>(scrypt);

/** RFC 7914, 7. */
function scryptOf(parameters: Element | undefined): Pbkdf {
  const [salt, N, r, p, keySize] = children(expectTag(parameters, TAG.sequence), 5);
  const [cost, blockSize, parallelization] = [numberOf(N), numberOf(r), numberOf(p)];
  const saltBytes = octetsOf(salt);
  const isPowerOfTwo = cost > 1 && 2 ** Math.round(Math.log2(cost)) === cost;
  if (!isPowerOfTwo || blockSize < 1 || parallelization < 1)
    throw new DerError('has impossible parameters of scrypt');
  const memory = 128 * blockSize * (cost + parallelization);
  return {
    keySize: keySizeOf(keySize),
    async derive(password, size, spend) {
      spend(memory > MAX_SCRYPT_MEMORY ? Number.POSITIVE_INFINITY : cost * blockSize * parallelization);
      const options = { cost, blockSize, parallelization, maxmem: memory + SCRYPT_SLACK };
      return await scryptAsync(password, saltBytes, size, options);
    },
  };
}
