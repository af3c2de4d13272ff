import type { KeyObject } from 'node:crypto';
import {
  type ExtendedKeyUsage,
  extendedKeyUsage,
  keyUsage,
  noCa,
} from '@sealtrack/certificates/issue/extensions';

export const USAGES = ['server', 'client', 'both'] as const;
export type Usage = (typeof USAGES)[number];

export interface UsageOptions {
  /** Which end of a connection. */
  readonly usage: Usage;
  /** Also for e-mail, as is recommended for servers and for programs with windows. */
  readonly emailProtection: boolean;
}

const EXTENDED: Readonly<Record<Usage, readonly ExtendedKeyUsage[]>> = {
  server: ['serverAuth'],
  client: ['clientAuth'],
  both: ['serverAuth', 'clientAuth'],
};

/** What a certificate of a host is for, in DER. */
export const hostExtensions = (publicKey: KeyObject, { usage, emailProtection }: UsageOptions): Buffer[] => [
  noCa(),
  // Keys are sent encrypted to RSA only (RFC 8446 has no longer that either, TLS 1.2 may).
  publicKey.asymmetricKeyType === 'rsa'
    ? keyUsage('digitalSignature', 'keyEncipherment')
    : keyUsage('digitalSignature'),
  extendedKeyUsage(...EXTENDED[usage], ...(emailProtection ? (['emailProtection'] as const) : [])),
];
