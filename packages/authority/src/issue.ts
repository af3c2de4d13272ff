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
import type { Pkcs12Profile } from '@sealtrack/certificates/issue/write-pkcs12';
import { showGeneralName } from '@sealtrack/certificates/x509/general-names';
import { isSelfIssued } from '@sealtrack/certificates/x509/parse-x509';
import { checkIssuable } from './check-issuable.ts';
import type { AltName } from './host-names.ts';
import { keyIdOf } from './key-id.ts';
import type { Authority } from './open-authority.ts';
import { type RepositoryPaths, record, type Signed } from './record.ts';
import { repositoryContents, wipeFiles } from './repository-contents.ts';
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
  readonly privateKey?: KeyToKeep | undefined;
  /** For an authority below this one: what its folder holds. */
  readonly folder?: (signed: Pick<Signed, 'der' | 'serial'>) => Promise<Signed['folder']>;
}

export interface KeyToKeep {
  readonly key: KeyObject;
  /** What it is encrypted with; nothing when it is empty. */
  readonly password: Uint8Array;
  /** Also as PKCS#12 with its certificate, of this kind and under the same password. */
  readonly pfx?: Pkcs12Profile | undefined;
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
  const all = await Promise.all(
    orders.map(async (order) => ({ order, signed: await signOrder(authority, authorityKey, order) })),
  );
  try {
    const files = await record(
      authority.layout,
      all.map(({ signed }) => signed),
    );
    return all.map(({ order, signed }, i) => describe(order, signed, files[i] ?? {}));
  } finally {
    for (const { signed } of all) wipeFiles(signed.files);
  }
}

async function signOrder(authority: Authority, authorityKey: KeyObject, order: Order): Promise<Signed> {
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
  const chain = chainOf(authority, der);
  return {
    ...{ der, serial, host: order.host, folder: await order.folder?.({ der, serial }) },
    files: await repositoryContents(chain, order.privateKey, order.host),
  };
}

/** With the CAs between it and the root, as servers have to send it; whoever checks it has the root. */
const chainOf = ({ certificate, above }: Authority, der: Buffer): Buffer[] => [
  der,
  ...[certificate, ...above].filter((ca) => !isSelfIssued(ca)).map((ca) => ca.der),
];

const describe = (order: Order, { serial, der }: Signed, files: RepositoryPaths): Issued => ({
  ...{ serial, der, files, notBefore: order.notBefore, notAfter: order.notAfter },
  subject: distinguishedName(order.subject),
  names: order.names.map(showGeneralName),
  fingerprint: createHash('sha256').update(der).digest('hex'),
});
