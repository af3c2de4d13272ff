import { createHash, type KeyObject } from 'node:crypto';
import { distinguishedName } from '@sealtrack/certificates/distinguished-name';
import {
  authorityKeyIdentifier,
  keyIdentifierOf,
  subjectAltNames,
  subjectKeyIdentifier,
} from '@sealtrack/certificates/issue/extensions';
import { issueCertificate } from '@sealtrack/certificates/issue/issue-certificate';
import type { Digest } from '@sealtrack/certificates/issue/sign';
import { encodePem } from '@sealtrack/certificates/pem';
import { showGeneralName } from '@sealtrack/certificates/x509/general-names';
import { isSelfIssued } from '@sealtrack/certificates/x509/parse-x509';
import { checkIssuable } from './check-issuable.ts';
import type { AltName } from './host-names.ts';
import { keyIdOf } from './key-id.ts';
import type { Authority } from './open-authority.ts';
import { privateKeyPem } from './private-key-pem.ts';
import { type RepositoryPaths, record, type Signed } from './record.ts';
import { newSerial } from './serial-numbers.ts';
import type { Validity } from './validity.ts';

/** Everything about a certificate that is to be issued. */
export interface Order extends Validity {
  /** A Name in DER. */
  readonly subject: Buffer;
  readonly names: readonly AltName[];
  readonly publicKey: KeyObject;
  readonly digest: Digest;
  /** In DER; those for names and keys come by themselves. */
  readonly extensions: readonly Buffer[];
  readonly now: Date;
  /** What its files are named after. */
  readonly host: string;
  /** A private key that goes into the repository with it. An empty password is none. */
  readonly privateKey?: { readonly key: KeyObject; readonly password: Uint8Array } | undefined;
  /** For an authority below this one: what its folder holds. */
  readonly folder?: (signed: Pick<Signed, 'der' | 'serial'>) => Signed['folder'];
}

export interface Issued extends Validity {
  /** Upper-case hex. */
  readonly serial: string;
  readonly subject: string;
  /** Such as `DNS example.com`. */
  readonly names: readonly string[];
  readonly der: Buffer;
  /** SHA-256, in hex. */
  readonly fingerprint: string;
  readonly files: RepositoryPaths;
}

/**
 * Issues certificates, all of them or none. Whatever kills it, each is whole and in ca.db after the next run, or there is
 * nothing of it. Throws INVALID_ARGUMENT for what the authority may not issue, and as record() does.
 */
export async function issue(
  authority: Authority,
  authorityKey: KeyObject,
  orders: readonly Order[],
): Promise<Issued[]> {
  const all = orders.map((order) => ({ order, signed: signOrder(authority, authorityKey, order) }));
  try {
    const files = await record(
      authority.layout,
      all.map(({ signed }) => signed),
    );
    return all.map(({ order, signed }, i) => describe(order, signed, files[i] ?? {}));
  } finally {
    for (const { signed } of all) signed.files.privateKey?.fill(0);
  }
}

function signOrder(authority: Authority, authorityKey: KeyObject, order: Order): Signed {
  const { certificate } = authority;
  const serial = newSerial();
  const der = issueCertificate({
    ...{ subject: order.subject, publicKey: order.publicKey, digest: order.digest },
    ...{ notBefore: order.notBefore, notAfter: order.notAfter, serial: Buffer.from(serial, 'hex') },
    issuer: { name: certificate.subject.der, privateKey: authorityKey },
    extensions: [
      ...order.extensions,
      ...(order.names.length === 0 ? [] : [subjectAltNames(...order.names)]),
      subjectKeyIdentifier(keyIdentifierOf(order.publicKey)),
      authorityKeyIdentifier(keyIdOf(authority)),
    ],
  });
  checkIssuable(authority, der, order.now);
  const { privateKey } = order;
  return {
    ...{ der, serial, host: order.host, folder: order.folder?.({ der, serial }) },
    files: {
      certificate: chainPem(authority, der),
      leaf: encodePem('CERTIFICATE', der),
      ...(privateKey === undefined ? {} : { privateKey: privateKeyPem(privateKey.key, privateKey.password) }),
    },
  };
}

/** With the CAs between it and the root, as servers have to send it; whoever checks it has the root. */
function chainPem({ certificate, above }: Authority, der: Buffer): Buffer {
  const between = [certificate, ...above].filter((ca) => !isSelfIssued(ca));
  return Buffer.concat([der, ...between.map((ca) => ca.der)].map((each) => encodePem('CERTIFICATE', each)));
}

const describe = (order: Order, { serial, der }: Signed, files: RepositoryPaths): Issued => ({
  ...{ serial, der, files, notBefore: order.notBefore, notAfter: order.notAfter },
  subject: distinguishedName(order.subject),
  names: order.names.map(showGeneralName),
  fingerprint: createHash('sha256').update(der).digest('hex'),
});
