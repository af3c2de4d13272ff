import { AppError } from '@sealtrack/errors/app-error';

const BEGIN = '-----BEGIN ';
const END = '-----END ';
const DASHES = '-----';
const NEWLINE = Buffer.from('\n');
/** What the labels of certificates and of PKCS#7 end with. */
const CERTIFICATES = ['CERTIFICATE', 'PKCS7', 'CMS'] as const;
const INTEGER = 0x02;
const SEQUENCE = 0x30;

/**
 * Every certificate of a PEM file and nothing else of it, or a DER file (X.509, PKCS#7) as it is, in memory of its own: a
 * private key is never part of it. What it is otherwise, the crypto server says. Throws INVALID_ARGUMENT when the file has
 * no certificate in it.
 */
export function certificatesOf(file: Buffer, path: string): Buffer {
  const found = CERTIFICATES.flatMap((label) => [...blocks(file, label)]);
  if (found.length > 0) return Buffer.concat(found.flatMap((block) => [block, NEWLINE]));
  if (isPem(file) || file[0] !== SEQUENCE) throw noCertificate(path);
  if (beginsWithVersion(file)) throw holdsKey(path);
  return Buffer.concat([file]);
}

/** The private key of a PEM file, in memory of its own; empty when it has none. It never becomes a string. */
export function privateKeyOf(file: Buffer): Buffer {
  const block = blocks(file, 'PRIVATE KEY').next().value ?? Buffer.alloc(0);
  const copy = Buffer.alloc(block.length);
  block.copy(copy);
  return copy;
}

const isPem = (file: Buffer): boolean => file.includes(BEGIN);

function* blocks(file: Buffer, wanted: string): Generator<Buffer, undefined> {
  for (let at = file.indexOf(BEGIN); at !== -1; at = file.indexOf(BEGIN, at + 1)) {
    const labelEnd = file.indexOf(DASHES, at + BEGIN.length);
    // A label has no secrets in it.
    const label = file.toString('latin1', at + BEGIN.length, labelEnd === -1 ? at : labelEnd);
    if (!label.endsWith(wanted)) continue;
    const footer = `${END}${label}${DASHES}`;
    const end = file.indexOf(footer, labelEnd);
    if (end !== -1) yield file.subarray(at, end + footer.length);
  }
  return undefined;
}

/** PKCS#8 that is not encrypted, PKCS#1 and PKCS#12 begin with their version, as no certificate and no PKCS#7 does. */
function beginsWithVersion(file: Buffer): boolean {
  const length = file[1] ?? 0;
  return file[2 + (length > 0x80 ? length & 0x7f : 0)] === INTEGER;
}

const noCertificate = (path: string): AppError =>
  new AppError('INVALID_ARGUMENT', `${path} has no certificate in it`, {
    fix: 'Give a certificate in PEM, which begins with -----BEGIN CERTIFICATE-----, in DER, or PKCS#7.',
    details: { file: path },
  });

const holdsKey = (path: string): AppError =>
  new AppError('INVALID_ARGUMENT', `${path} holds a private key, or PKCS#12, and is no certificate`, {
    fix: 'Give a private key with --key, and PKCS#12 with --pfx.',
    details: { file: path },
  });
