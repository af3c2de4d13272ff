import type { KeyObject } from 'node:crypto';

const NAMES: Readonly<Record<string, string>> = {
  ec: 'an EC (elliptic curve) key',
  dsa: 'a DSA key',
  dh: 'a Diffie-Hellman key',
  'rsa-pss': 'an RSA-PSS key, which only signs',
};

/** For messages, with its article. */
export const keyTypeName = ({ asymmetricKeyType: type }: KeyObject): string =>
  NAMES[type ?? ''] ?? `a key of type ${type ?? 'unknown'}`;
