import { execFileSync } from 'node:child_process';
import type { KeyObject } from 'node:crypto';
import { type AuthorityOptions, createAuthority } from '../create-authority.ts';
import { type CertificateOptions, createCertificate } from '../create-certificate.ts';
import type { Issued } from '../issue.ts';
import { type Authority, openAuthority, openAuthorityKey } from '../open-authority.ts';

const NO_PASSWORD = new Uint8Array();

/** A quick one: P-256, no password. */
export const newAuthority = (dir: string, options: Partial<AuthorityOptions> = {}): Promise<Authority> =>
  createAuthority({
    ...{
      dir,
      subject: { commonName: 'Test CA', organization: 'Tést' },
      key: { type: 'p256' },
      digest: 'sha256',
    },
    ...{ days: 1000, password: NO_PASSWORD, now: new Date(), ...options },
  });

export async function newCertificate(
  dir: string,
  options: Partial<CertificateOptions> = {},
): Promise<Issued> {
  const authority = await openAuthority(dir);
  const key: KeyObject = await openAuthorityKey(authority, NO_PASSWORD);
  return await createCertificate(authority, key, {
    ...{
      hosts: ['host.example.com'],
      subject: { commonName: 'host' },
      key: { type: 'p256' },
      digest: 'sha256',
    },
    ...{
      days: 100,
      usage: 'both',
      emailProtection: false,
      password: NO_PASSWORD,
      now: new Date(),
      ...options,
    },
  });
}

/** Its standard output. Throws when it fails, with what it said. */
export const openssl = (cwd: string, ...args: string[]): string =>
  execFileSync('openssl', args, { cwd, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
