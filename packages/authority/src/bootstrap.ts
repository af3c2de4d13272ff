import { join } from 'node:path';
import { encodePem } from '@sealtrack/certificates/pem';
import { ensureAuthority } from './bootstrap-authority.ts';
import { ensureParties } from './bootstrap-parties.ts';
import { MODE, makeFolder, readIfThere, replaceFile } from './durable-files.ts';
import { withLock } from './lock.ts';

/** Who takes part in a system. The name of each is a DNS name in its certificate, and what it is known by. */
export const PARTIES = [
  'media-encryptor',
  'metadata-processor',
  'crypto-server',
  'profile-config',
  'playback',
  'console',
  'nats',
  'redis',
  'administrator',
  'pipeline',
  'player',
  'operator',
  'auditor',
] as const;

export type Party = (typeof PARTIES)[number];

/** The files of one party, as the settings SEALTRACK_TLS_… name them. */
export interface PartyFiles {
  readonly certificate: string;
  readonly certificateKey: string;
  readonly trustedCa: string;
}

export interface BootstrapOptions {
  /** The folder of the development CA; what is there already is kept. */
  readonly dir: string;
  /** Further DNS names and IP addresses of this machine, for every server; localhost and loopback are there anyway. */
  readonly hosts?: readonly string[];
  /** Now unless told. */
  readonly now?: Date;
}

export interface Bootstrapped {
  /** Whose certificates were made or renewed. */
  readonly issued: readonly Party[];
}

export const partyFiles = (dir: string, party: Party): PartyFiles => ({
  certificate: join(dir, party, 'cert.pem'),
  certificateKey: join(dir, party, 'key.pem'),
  trustedCa: join(dir, 'trusted_ca.pem'),
});

/** The authority itself, for `tls revoke`, `tls crl` and the like. */
export const authorityDir = (dir: string): string => join(dir, 'ca');

/** What it has revoked, once that was published. */
export const crlFile = (dir: string): string => join(authorityDir(dir), 'ca_conf', 'ca_crl.pem');

/**
 * A development CA in `<dir>/ca` and a certificate for each party, for both ends of connections. What is there stays, as
 * long as it fits and does not end soon: a certificate is renewed, on its key, when it has less than 30 of its 90 days left.
 * Several may do this at once. Throws INVALID_ARGUMENT, STORE_FULL, STORE_UNAVAILABLE, CONFIG_INVALID.
 */
export async function bootstrap({
  dir,
  hosts = [],
  now = new Date(),
}: BootstrapOptions): Promise<Bootstrapped> {
  await makeFolder(dir);
  return await withLock(join(dir, '.lock'), async () => {
    const { authority, key } = await ensureAuthority(authorityDir(dir), now);
    const wanted = PARTIES.map((name) => ({ name, files: partyFiles(dir, name) }));
    const issued = await ensureParties(authority, key, { parties: wanted, hosts, now });
    const trusted = encodePem('CERTIFICATE', authority.certificate.der);
    const path = join(dir, 'trusted_ca.pem');
    // Last, so that it is there only when everything is.
    if (!(await readIfThere(path))?.equals(trusted)) await replaceFile(path, trusted, MODE.open);
    return { issued };
  });
}
