import { createPublicKey, type KeyObject, X509Certificate } from 'node:crypto';
import { dirname } from 'node:path';
import { encodeName } from '@sealtrack/certificates/issue/name';
import { writePkcs8 } from '@sealtrack/certificates/issue/write-private-key';
import { encodePem } from '@sealtrack/certificates/pem';
import { showGeneralName } from '@sealtrack/certificates/x509/general-names';
import { parseX509 } from '@sealtrack/certificates/x509/parse-x509';
import { revocationOf } from './ca-database.ts';
import { parseHosts } from './create-certificate.ts';
import { readDatabase } from './database-file.ts';
import { MODE, makeFolder, readIfThere, replaceFile } from './durable-files.ts';
import type { HostName } from './host-names.ts';
import { issue, type Order } from './issue.ts';
import { generateKey } from './keys.ts';
import type { Authority } from './open-authority.ts';
import { openKeyFile } from './open-key-file.ts';
import { hostExtensions } from './profiles.ts';
import { readX509 } from './read-x509.ts';
import { serialOf } from './serial-numbers.ts';
import { validFor } from './validity.ts';

const DAYS = 90;
const RENEWED_BEFORE_DAYS = 30;
const DAY_MS = 24 * 60 * 60 * 1000;
const NO_PASSWORD = new Uint8Array();
const LOOPBACK = ['localhost', '127.0.0.1', '::1'];

export interface WantedParty<Name extends string> {
  readonly name: Name;
  readonly files: { readonly certificate: string; readonly certificateKey: string };
}

export interface PartiesOptions<Name extends string> {
  readonly parties: readonly WantedParty<Name>[];
  readonly hosts: readonly string[];
  readonly now: Date;
}

/** Resolves to those whose certificate was made or renewed. */
export async function ensureParties<Name extends string>(
  authority: Authority,
  authorityKey: KeyObject,
  { parties, hosts, now }: PartiesOptions<Name>,
): Promise<Name[]> {
  const entries = await readDatabase(authority.layout);
  const revoked = new Set(entries.filter(revocationOf).map(({ serial }) => serial));
  const due: { party: WantedParty<Name>; order: Order }[] = [];
  for (const party of parties) {
    const names = parseHosts([party.name, ...LOOPBACK, ...hosts]);
    const key = await ensureKey(party.files.certificateKey);
    const certificate = await readX509(party.files.certificate);
    const isKept =
      certificate !== undefined &&
      !revoked.has(serialOf(certificate.serialNumber)) &&
      fits(certificate, authority, key, names, now);
    if (!isKept) due.push({ party, order: orderFor(party.name, names, key, now) });
  }
  if (due.length === 0) return [];
  const issued = await issue(
    authority,
    authorityKey,
    due.map(({ order }) => order),
  );
  for (const [i, { party }] of due.entries()) {
    const der = issued[i]?.der ?? Buffer.alloc(0);
    await replaceFile(party.files.certificate, encodePem('CERTIFICATE', der), MODE.open);
  }
  return due.map(({ party }) => party.name);
}

function fits(
  certificate: X509Certificate,
  { certificate: ca }: Authority,
  key: KeyObject,
  names: readonly HostName[],
  now: Date,
): boolean {
  const daysLeft = (certificate.validToDate.getTime() - now.getTime()) / DAY_MS;
  const issuer = new X509Certificate(ca.der);
  return (
    daysLeft >= RENEWED_BEFORE_DAYS &&
    certificate.publicKey.equals(createPublicKey(key)) &&
    certificate.checkIssued(issuer) &&
    certificate.verify(issuer.publicKey) &&
    hasAll(certificate, names)
  );
}

function hasAll({ raw }: X509Certificate, names: readonly HostName[]): boolean {
  const has = (parseX509(raw).extensions.subjectAltNames ?? []).map(showGeneralName);
  return names.every((name) => has.includes(showGeneralName(name)));
}

/** The key stays when its certificate is renewed: one file is then replaced, and nobody ever finds a pair that does not match. */
async function ensureKey(path: string): Promise<KeyObject> {
  if ((await readIfThere(path)) !== undefined) return await openKeyFile(path, NO_PASSWORD);
  const { privateKey } = await generateKey({ type: 'p256' });
  const pem = await writePkcs8(privateKey);
  try {
    await makeFolder(dirname(path));
    await replaceFile(path, pem, MODE.secret);
  } finally {
    pem.fill(0);
  }
  return privateKey;
}

function orderFor(name: string, names: readonly HostName[], key: KeyObject, now: Date): Order {
  const publicKey = createPublicKey(key);
  return {
    ...{ subject: encodeName({ commonName: name }), names, publicKey, digest: 'sha256', host: name, now },
    ...validFor(DAYS, now),
    extensions: hostExtensions(publicKey, { usage: 'both', emailProtection: false }),
  };
}
