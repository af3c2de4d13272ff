import { createPublicKey, type KeyObject, type X509Certificate } from 'node:crypto';
import { AppError } from '@sealtrack/errors/app-error';
import { toX509 } from './certificate.ts';
import { certificatesAmong } from './certificate-file.ts';
import { DerError } from './der.ts';
import { contentsOf, MAX_FILE_SIZE } from './file-contents.ts';
import { openPkcs12 } from './pkcs12/open-pkcs12.ts';
import { noCertificate } from './wrong-file.ts';

/**
 * DER of every certificate in a file as CAs and key stores hand them out, in its order, each once: PEM with or without text
 * around it, DER, PKCS#7 (.p7b), or PKCS#12, for which `password` is. Keys beside them are left alone. The caller zeroes
 * `file` and `password`. Throws CERTIFICATE_INVALID, which says what the file holds instead, and for PKCS#12 the PRIVATE_KEY_
 * errors.
 */
export async function readCertificates(file: Uint8Array, password?: Uint8Array): Promise<Buffer[]> {
  const bytes = Buffer.from(file.buffer, file.byteOffset, file.byteLength);
  if (bytes.length > MAX_FILE_SIZE) throw invalid('The certificate file is larger than 256 KiB', FORM);
  const contents = contentsOf(bytes);
  try {
    const found = certificatesAmong(contents);
    for (const { kind, content } of contents)
      if (kind === 'PKCS#12') found.push(...(await fromPkcs12(content, password)));
    if (found.length === 0) throw noCertificate(contents[0]?.kind ?? 'unknown');
    return unique(found.map(toX509)).map(({ raw }) => raw);
  } catch (error) {
    if (error instanceof DerError) throw invalid('The certificate file is damaged', FORM, error);
    throw error;
  } finally {
    for (const { content } of contents) content.fill(0);
  }
}

async function fromPkcs12(der: Buffer, password: Uint8Array | undefined): Promise<readonly Buffer[]> {
  const { keys, certificates } = await openPkcs12(der, password);
  for (const key of keys) key.fill(0);
  if (certificates.length === 0) throw invalid('The PKCS#12 file opens, and holds no certificate', FORM);
  return certificates;
}

export interface OrderedChain {
  /** DER: the leaf, then whoever issued it, and so on up to the last one that is there. */
  readonly chain: readonly [leaf: Buffer, ...issuers: Buffer[]];
  /** DER of those that have no part in it. */
  readonly others: readonly Buffer[];
}

/**
 * Puts certificates in order by who issued whom, by names and signatures; nothing else is judged. The leaf is that of the
 * private key if one is given, and else the one that issued none of the others. Throws PRIVATE_KEY_MISMATCH when none is on
 * that key, CERTIFICATE_INVALID when it cannot be told which one is meant.
 */
export function orderChain(certificates: readonly Buffer[], privateKey?: KeyObject): OrderedChain {
  const all = unique(certificates.map(toX509));
  const leaf = privateKey === undefined ? onlyLeafAmong(all) : leafOf(privateKey, all);
  const chain: [X509Certificate, ...X509Certificate[]] = [leaf];
  for (let next = issuerAmong(all, leaf); next !== undefined; next = issuerAmong(all, next)) {
    // CAs may have certified each other.
    if (chain.includes(next)) break;
    chain.push(next);
  }
  const others = all.filter((each) => !chain.includes(each)).map(({ raw }) => raw);
  return { chain: [leaf.raw, ...chain.slice(1).map(({ raw }) => raw)], others };
}

const unique = (certificates: readonly X509Certificate[]): X509Certificate[] => [
  ...new Map(certificates.map((each) => [each.fingerprint256, each])).values(),
];

function isIssuedBy(certificate: X509Certificate, issuer: X509Certificate): boolean {
  try {
    return certificate.checkIssued(issuer) && certificate.verify(issuer.publicKey);
  } catch {
    // A key of a kind that node:crypto does not know has signed nothing that matters here.
    return false;
  }
}

/** The newest, where a CA has been renewed on its key. Above a root there is none. */
function issuerAmong(
  all: readonly X509Certificate[],
  certificate: X509Certificate,
): X509Certificate | undefined {
  if (isIssuedBy(certificate, certificate)) return undefined;
  return newest(all.filter((each) => each !== certificate && isIssuedBy(certificate, each)));
}

const newest = (all: readonly X509Certificate[]): X509Certificate | undefined =>
  all.toSorted((a, b) => b.validFromDate.getTime() - a.validFromDate.getTime())[0];

function leafOf(privateKey: KeyObject, all: readonly X509Certificate[]): X509Certificate {
  const publicKey = createPublicKey(privateKey);
  const own = all.filter((each) => hasKey(each, publicKey));
  // What somebody signed for themselves before the CA answered is on the same key.
  const leaf = newest(own.filter((each) => !isIssuedBy(each, each))) ?? newest(own);
  if (leaf !== undefined) return leaf;
  throw new AppError('PRIVATE_KEY_MISMATCH', 'None of the certificates is on this private key', {
    fix: 'Give the certificate that was issued for this key, or the private key that it was requested with.',
  });
}

function hasKey(certificate: X509Certificate, publicKey: KeyObject): boolean {
  try {
    return certificate.publicKey.equals(publicKey);
  } catch {
    return false;
  }
}

function onlyLeafAmong(all: readonly X509Certificate[]): X509Certificate {
  const [leaf, ...others] = all.filter((one) =>
    all.every((other) => other === one || !isIssuedBy(other, one)),
  );
  if (leaf !== undefined && others.length === 0) return leaf;
  throw invalid(
    `There are ${all.length} certificates, and it cannot be told which one is meant`,
    'Give the private key too, or only this certificate and those that issued it.',
  );
}

const FORM = 'Give a certificate, alone or with those that issued it, in PEM, DER, PKCS#7 or PKCS#12.';

const invalid = (message: string, fix: string, cause?: unknown): AppError =>
  new AppError('CERTIFICATE_INVALID', message, { fix, cause });
