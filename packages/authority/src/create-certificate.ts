import type { KeyObject } from 'node:crypto';
import { encodeName } from '@sealtrack/certificates/issue/name';
import type { Digest } from '@sealtrack/certificates/issue/sign';
import type { Pkcs12Profile } from '@sealtrack/certificates/issue/write-pkcs12';
import { AppError } from '@sealtrack/errors/app-error';
import { type HostName, parseHost } from './host-names.ts';
import { type Issued, issue } from './issue.ts';
import { generateKey, type KeyOptions } from './keys.ts';
import { checkLimits } from './limits.ts';
import type { Authority } from './open-authority.ts';
import { hostExtensions, type UsageOptions } from './profiles.ts';
import { checkSubject, type Subject } from './subject.ts';
import { validFor } from './validity.ts';

export interface CertificateOptions extends UsageOptions {
  /** DNS names and IP addresses, at least one. */
  readonly hosts: readonly string[];
  readonly subject: Subject;
  readonly key: KeyOptions;
  readonly digest: Digest;
  readonly days: number;
  /** What the new private key is encrypted with; nothing when it is empty. */
  readonly password: Uint8Array;
  /** Also as PKCS#12, under the same password. */
  readonly pfx?: Pkcs12Profile | undefined;
  readonly now: Date;
}

const MAX_HOSTS = 100;

/** Makes a key and a certificate for it. Throws INVALID_ARGUMENT, and as issue() does. */
export async function createCertificate(
  authority: Authority,
  authorityKey: KeyObject,
  { hosts, subject, key, digest, days, password, pfx, now, ...usage }: CertificateOptions,
): Promise<Issued> {
  const names = parseHosts(hosts);
  const validity = validFor(days, now);
  // Before the key, which may take half a minute.
  checkLimits(authority, { names, notAfter: validity.notAfter }, now);
  const name = encodeName(checkSubject(subject));
  const { privateKey, publicKey } = await generateKey(key);
  const [issued] = await issue(authority, authorityKey, [
    {
      ...{ subject: name, names, publicKey, digest, ...validity, now, host: hosts[0] ?? '' },
      extensions: hostExtensions(publicKey, usage),
      privateKey: { key: privateKey, password, pfx },
    },
  ]);
  if (issued === undefined) throw new Error('nothing was issued');
  return issued;
}

/** Each once, in order. Throws INVALID_ARGUMENT. */
export function parseHosts(hosts: readonly string[]): HostName[] {
  if (hosts.length === 0 || hosts.length > MAX_HOSTS)
    throw new AppError('INVALID_ARGUMENT', `A certificate is for 1 to ${MAX_HOSTS} hosts`, {
      fix: 'Give the DNS names and IP addresses that it is reached by with --host.',
      details: { field: 'host' },
    });
  const names = hosts.map(parseHost);
  return [...new Map(names.map((name) => [keyOf(name), name])).values()];
}

const keyOf = ({ kind, value }: HostName): string => (kind === 'dns' ? value : value.toString('hex'));
