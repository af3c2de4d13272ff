import { join, resolve } from 'node:path';

/** Where everything of a certificate authority lies, as the Security Pack's create_ca.sh laid it out. */
export interface Layout {
  /** Absolute, as are the others. */
  readonly dir: string;
  /** What the authority itself is made of; only its owner may look into it. */
  readonly config: string;
  readonly certificate: string;
  /** The certificate, and those of the CAs above it up to the root. */
  readonly chain: string;
  /** The same as PKCS#12, without a private key, for Windows to trust. */
  readonly pfx: string;
  readonly privateKey: string;
  readonly database: string;
  /** The serial number that OpenSSL takes next, in hex. */
  readonly serial: string;
  /** The number of the next revocation list, in hex. */
  readonly crlNumber: string;
  readonly crl: string;
  readonly crlDer: string;
  readonly opensslConfig: string;
  readonly lock: string;
  /** What was issued, with the private keys that were made for it. */
  readonly repository: string;
}

export function layoutOf(folder: string): Layout {
  const dir = resolve(folder);
  const config = join(dir, 'ca_conf');
  const inConfig = (name: string): string => join(config, name);
  return {
    dir,
    config,
    certificate: inConfig('ca_cert.pem'),
    chain: inConfig('ca_chain.pem'),
    pfx: inConfig('ca_cert.pfx'),
    privateKey: inConfig('ca_priv_key.pem'),
    database: inConfig('ca.db'),
    serial: inConfig('serial.num'),
    crlNumber: inConfig('crl.num'),
    crl: inConfig('ca_crl.pem'),
    crlDer: inConfig('ca_crl.der'),
    opensslConfig: inConfig('ca.conf'),
    lock: join(dir, '.lock'),
    repository: join(dir, 'repository'),
  };
}

/** What one certificate may have in the repository. */
export const REPOSITORY_FILES = ['certificate', 'leaf', 'privateKey', 'pfx'] as const;
export type RepositoryFile = (typeof REPOSITORY_FILES)[number];

/**
 * Their names. `host` is the first name that the certificate is for. `certificate` has the CAs above it behind it, as
 * servers want it; `leaf` is where OpenSSL puts what it issues.
 */
export function fileNames(serial: string, host: string): Readonly<Record<RepositoryFile, string>> {
  const stem = `${serial}_${fileSafe(host)}`;
  return {
    certificate: `${stem}_cert.pem`,
    leaf: `${serial}.pem`,
    privateKey: `${stem}_priv_key.pem`,
    pfx: `${stem}_cert.pfx`,
  };
}

const MAX_HOST = 100;

/** A `*` and the colons of an IPv6 address cannot be in every file name; nor can what people write into a common name. */
const fileSafe = (host: string): string =>
  host.replaceAll(/[^A-Za-z0-9.-]/g, '_').slice(0, MAX_HOST) || 'certificate';
