import type { X509 } from '@sealtrack/certificates/x509/parse-x509';
import type { PasswordOptions } from '../password.ts';
import type { Usage } from './judge-chain.ts';
import type { CrlFile } from './judge-crls.ts';
import type { StartTls } from './target.ts';

export interface VerifyOptions extends PasswordOptions {
  readonly trustedCa: readonly string[];
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

export interface Trust {
  readonly anchors: readonly X509[];
  readonly crls: readonly CrlFile[];
  readonly at: Date;
}
