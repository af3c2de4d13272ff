import type { X509 } from '@sealtrack/certificates/x509/parse-x509';
import { AppError } from '@sealtrack/errors/app-error';
import type { Io } from '../io.ts';
import type { PasswordOptions } from '../password.ts';
import type { Usage } from './judge-chain.ts';
import type { CrlFile } from './judge-crls.ts';
import type { StartTls } from './target.ts';

export interface VerifyOptions extends PasswordOptions {
  readonly trustedCa?: readonly string[];
  readonly crl?: readonly string[];
  readonly host?: string;
  readonly cert?: string;
  readonly chain?: string;
  readonly key?: string;
  readonly usage: Usage;
  readonly at?: Date;
  readonly starttls?: StartTls;
  readonly mutual: 'on' | 'off';
  readonly timeout: number;
  readonly strict?: boolean;
}

/** What was told, and beside it what a service finds in its environment. Throws INVALID_ARGUMENT when nobody is trusted. */
export function withEnvironment(told: VerifyOptions, env: Io['env']): VerifyOptions {
  const files = (name: string): string[] => (env[name] ?? '').split(',').flatMap((each) => each.trim() || []);
  const file = (name: string): string | undefined => env[name] || undefined;
  // A certificate is not put together with the key of another.
  const isOwn = told.cert === undefined && told.key === undefined;
  const cert = isOwn ? file('SEALTRACK_TLS_CERTIFICATE') : told.cert;
  const key = isOwn ? file('SEALTRACK_TLS_CERTIFICATE_KEY') : told.key;
  const trustedCa = told.trustedCa ?? files('SEALTRACK_TLS_TRUSTED_CA');
  if (trustedCa.length === 0)
    throw new AppError('INVALID_ARGUMENT', 'Nobody said which CAs the peer trusts', {
      fix: 'Give their certificates with --trusted-ca, or set SEALTRACK_TLS_TRUSTED_CA.',
    });
  return {
    ...told,
    trustedCa,
    crl: told.crl ?? files('SEALTRACK_TLS_CRL'),
    ...(cert !== undefined && { cert }),
    ...(key !== undefined && { key }),
  };
}

export interface Trust {
  readonly anchors: readonly X509[];
  readonly crls: readonly CrlFile[];
  readonly at: Date;
}
