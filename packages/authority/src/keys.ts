import { generateKeyPair, type KeyObject } from 'node:crypto';
import { promisify } from 'node:util';
import { MAX_RSA_BITS, MIN_RSA_BITS } from '@sealtrack/certificates/rsa-size';
import { AppError } from '@sealtrack/errors/app-error';

export const KEY_TYPES = ['rsa', 'p256', 'p384'] as const;
export type KeyType = (typeof KEY_TYPES)[number];

export interface KeyOptions {
  readonly type: KeyType;
  /** Of RSA's modulus, 3072 unless told; other keys have the size of their curve. */
  readonly bits?: number;
  /** Nothing comes of a key that is made when this is aborted. */
  readonly signal?: AbortSignal | undefined;
}

export interface KeyPair {
  readonly privateKey: KeyObject;
  readonly publicKey: KeyObject;
}

export const DEFAULT_RSA_BITS = 3072;

const CURVES = { p256: 'prime256v1', p384: 'secp384r1' } as const;

/** Throws INVALID_ARGUMENT. */
export function checkKeyOptions({ type, bits }: KeyOptions): void {
  const field = '--key-size';
  if (bits === undefined) return;
  if (type !== 'rsa')
    throw new AppError('INVALID_ARGUMENT', `A key of type ${type} has a size of its own`, {
      fix: 'Leave out --key-size, or give --key-type rsa.',
      details: { field },
    });
  // OpenSSL makes others too, but not everybody reads them.
  if (Number.isSafeInteger(bits) && bits >= MIN_RSA_BITS && bits <= MAX_RSA_BITS && bits % 8 === 0) return;
  throw new AppError('INVALID_ARGUMENT', `An RSA key of ${bits} bits is not made here`, {
    fix: `Give ${MIN_RSA_BITS} to ${MAX_RSA_BITS} bits, such as 3072 or 4096.`,
    details: { field },
  });
}

/**
 * Off the event loop: milliseconds for an elliptic curve, half a second for 3072 bits of RSA, half a minute for 8192. Throws
 * INVALID_ARGUMENT, and what the signal was aborted with.
 */
export async function generateKey(options: KeyOptions): Promise<KeyPair> {
  checkKeyOptions(options);
  const { type, bits = DEFAULT_RSA_BITS, signal } = options;
  signal?.throwIfAborted();
  const pair =
    type === 'rsa'
      ? await promisify(generateKeyPair)('rsa', { modulusLength: bits })
      : await promisify(generateKeyPair)('ec', { namedCurve: CURVES[type] });
  signal?.throwIfAborted();
  return pair;
}

/** What it takes to make another key like this one. Throws INVALID_ARGUMENT for one of a kind that is not made here. */
export function kindOf(key: KeyObject): KeyOptions {
  const { modulusLength = 0, namedCurve } = key.asymmetricKeyDetails ?? {};
  if (key.asymmetricKeyType === 'rsa') return { type: 'rsa', bits: Math.max(modulusLength, MIN_RSA_BITS) };
  if (namedCurve === CURVES.p256) return { type: 'p256' };
  if (namedCurve === CURVES.p384) return { type: 'p384' };
  throw new AppError('INVALID_ARGUMENT', 'The key is of a kind that is not made here', {
    fix: 'Renew it on the key it has, or create a new certificate.',
  });
}
