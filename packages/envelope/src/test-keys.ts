import { createDiffieHellmanGroup, createPrivateKey, createPublicKey, type KeyObject } from 'node:crypto';

export interface KeyPair {
  readonly publicKey: KeyObject;
  readonly privateKey: KeyObject;
}

/**
 * An RSA key of 8192 bits, the largest that is taken, whose operations take long. Its primes are those of groups 17 and 14
 * of RFC 3526, which everybody knows, because finding others takes up to a minute.
 */
export function wellKnownKey(): KeyPair {
  const [p, q] = [primeOf('modp17'), primeOf('modp14')];
  const e = 65537n;
  const d = inverse(e, (p - 1n) * (q - 1n));
  const numbers = { n: p * q, e, d, p, q, dp: d % (p - 1n), dq: d % (q - 1n), qi: inverse(q, p) };
  const fields = Object.entries(numbers).map(([name, value]) => [name, base64url(value)]);
  const key = { kty: 'RSA', ...Object.fromEntries(fields) };
  const privateKey = createPrivateKey({ key, format: 'jwk' });
  return { privateKey, publicKey: createPublicKey(privateKey) };
}

const primeOf = (group: string): bigint => BigInt(`0x${createDiffieHellmanGroup(group).getPrime('hex')}`);

function base64url(value: bigint): string {
  const digits = value.toString(16);
  return Buffer.from(digits.length % 2 === 0 ? digits : `0${digits}`, 'hex').toString('base64url');
}

/** By the extended Euclidean algorithm. */
function inverse(value: bigint, modulus: bigint): bigint {
  let [r, next] = [modulus, value % modulus];
  let [t, nextT] = [0n, 1n];
  while (next > 0n) {
    const quotient = r / next;
    [r, next] = [next, r - quotient * next];
    [t, nextT] = [nextT, t - quotient * nextT];
  }
  if (r !== 1n) throw new Error('It has no inverse');
  return t < 0n ? t + modulus : t;
}
