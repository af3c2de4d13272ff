import { mkdir, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { encodePem } from '@sealtrack/certificates/pem';
import { ecKeys, extension, leaf, names, root } from '@sealtrack/certificates/x509/testing/issue';

/** Who takes part in a system. The name of each is a DNS name in its certificate, and what it is known by. */
export const PARTIES = [
  'media-encryptor',
  'metadata-processor',
  'crypto-server',
  'profile-config',
  'nats',
  'redis',
  'administrator',
  'pipeline',
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
}

export const partyFiles = (dir: string, party: Party): PartyFiles => ({
  certificate: join(dir, party, 'cert.pem'),
  certificateKey: join(dir, party, 'key.pem'),
  trustedCa: join(dir, 'trusted_ca.pem'),
});

/** TO BE REPLACED: a development CA and a certificate for each party. */
export async function bootstrap({ dir }: BootstrapOptions): Promise<void> {
  if (await stat(join(dir, 'trusted_ca.pem')).catch(() => undefined)) return;
  const ca = { name: 'Sealtrack development CA', keys: ecKeys() };
  await mkdir(dir, { recursive: true, mode: 0o700 });
  const now = Date.now();
  const notBefore = new Date(now - 3_600_000);
  for (const party of PARTIES) {
    const keys = ecKeys();
    const certificate = leaf({ name: party, keys }, ca, {
      serial: PARTIES.indexOf(party) + 2,
      notBefore,
      extensions: [
        extension.basicConstraints(false),
        extension.keyUsage('digitalSignature'),
        extension.subjectKeyId(keys),
        extension.authorityKeyId(ca.keys),
        extension.extendedKeyUsage('1.3.6.1.5.5.7.3.1', '1.3.6.1.5.5.7.3.2'),
        extension.subjectAltNames(names.dns(party), names.dns('localhost'), names.ip(127, 0, 0, 1)),
      ],
    });
    await mkdir(join(dir, party), { mode: 0o700 });
    const files = partyFiles(dir, party);
    await writeFile(files.certificate, encodePem('CERTIFICATE', certificate));
    const key = encodePem('PRIVATE KEY', keys.privateKey.export({ type: 'pkcs8', format: 'der' }));
    await writeFile(files.certificateKey, key, { mode: 0o600 });
  }
  await writeFile(join(dir, 'trusted_ca.pem'), encodePem('CERTIFICATE', root(ca.name, ca.keys)));
}
