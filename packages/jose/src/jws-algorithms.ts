import type { KeyObject } from 'node:crypto';

export type JwsAlgorithm = 'ES256' | 'ES384' | 'ES512' | 'PS256' | 'RS256';

interface Suitable {
  /** What is signed with. */
  readonly sign: JwsAlgorithm;
  readonly verify: readonly JwsAlgorithm[];
  /** Of a signature. */
  readonly bytes: number;
}

/** RFC 7518, 3.4: one algorithm a curve. */
const CURVES: Readonly<Record<string, readonly [JwsAlgorithm, bytes: number]>> = {
  prime256v1: ['ES256', 64],
  secp384r1: ['ES384', 96],
  secp521r1: ['ES512', 132],
};
/** Below is too weak (RFC 7518, 3.3), and above takes a second of everybody's time. */
const RSA_BITS = { min: 2048, max: 8192 };

/**
 * What a key signs with and which of its signatures are believed: decided by the key, so that no header chooses how it is
 * looked at. Undefined for a key that is none for signatures here, or too weak.
 */
export function algorithmsFor(key: KeyObject): Suitable | undefined {
  const { namedCurve = '', modulusLength = 0 } = key.asymmetricKeyDetails ?? {};
  if (key.asymmetricKeyType === 'ec') {
    const curve = CURVES[namedCurve];
    return curve && { sign: curve[0], verify: [curve[0]], bytes: curve[1] };
  }
  if (key.asymmetricKeyType !== 'rsa' || modulusLength < RSA_BITS.min || modulusLength > RSA_BITS.max)
    return undefined;
  return { sign: 'PS256', verify: ['PS256', 'RS256'], bytes: Math.ceil(modulusLength / 8) };
}
