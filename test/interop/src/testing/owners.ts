import { createPrivateKey, type KeyObject } from 'node:crypto';
import { type CertificateInfo, parseCertificate } from '@sealtrack/certificates/certificate';
import { type Recipient, recipientFromCertificate } from '@sealtrack/envelope/recipient';
import type { Workbench } from './workbench.ts';

/** Somebody whom media is encrypted to. OpenSSL made both files. */
export interface Owner {
  readonly name: string;
  readonly certificate: CertificateInfo;
  readonly privateKey: KeyObject;
  readonly recipient: Recipient;
  /** Names on the workbench. */
  readonly certificateFile: string;
  readonly keyFile: string;
}

/** Names and serial numbers as unlike each other as certificates in the field. */
const SUBJECTS = [
  ['/CN=anna', '1'],
  ['/C=DE/O=Beispiel GmbH/OU=Aufzeichnung/CN=bert', '0x80'],
  ['/O=Ex\\/ample/CN=c\u00e4cilie \u4f8b', '0x7fffffffffffffffffffffffffffffffffffffff'],
  ['/DC=net/DC=example/CN=dora+OU=two in one', '0xffffffffffffffff'],
  ['/CN=emil/emailAddress=emil@example.net', '0x0123456789abcdef'],
  // The same issuer as another's, so that the serial number alone tells them apart; and the other way round.
  ['/CN=anna', '2'],
  ['/CN=gerd', '1'],
  [`/CN=${'h'.repeat(64)}`, '0xdeadbeef'],
] as const;

/** One for each key size given, at most eight. A key of 4096 bits takes OpenSSL about two seconds. */
export async function createOwners<const Bits extends readonly number[]>(
  bench: Workbench,
  bits: Bits,
): Promise<{ readonly [Each in keyof Bits]: Owner }> {
  const owners = await Promise.all(bits.map((size, i) => createOwner(bench, i, size)));
  return owners as { readonly [Each in keyof Bits]: Owner };
}

async function createOwner(bench: Workbench, i: number, bits: number): Promise<Owner> {
  const [subject = '', serial = ''] = SUBJECTS[i] ?? [];
  const name = `owner-${i}`;
  const [certificateFile, keyFile] = [`${name}.pem`, `${name}.key`];
  const key = ['-newkey', `rsa:${bits}`, '-nodes', '-keyout', keyFile];
  const naming = ['-utf8', '-multivalue-rdn', '-subj', subject, '-set_serial', serial];
  await bench.openssl('req', '-x509', ...key, ...naming, '-days', '30', '-out', certificateFile);
  const certificate = parseCertificate(bench.read(certificateFile));
  return {
    name,
    certificate,
    privateKey: createPrivateKey(bench.read(keyFile)),
    recipient: recipientFromCertificate(certificate),
    certificateFile,
    keyFile,
  };
}
