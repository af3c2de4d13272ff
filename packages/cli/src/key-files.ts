import { certificatesAmong } from '@sealtrack/certificates/certificate-file';
import { contentsOf } from '@sealtrack/certificates/file-contents';
import { noCertificate } from '@sealtrack/certificates/wrong-file';

const BEGIN = '-----BEGIN ';
const END = '-----END ';
const DASHES = '-----';
const NEWLINE = Buffer.from('\n');
/** What their labels end with. */
const CERTIFICATES = ['CERTIFICATE', 'PKCS7', 'CMS'] as const;

/**
 * Every certificate of a PEM file and nothing else of it, or a DER file (X.509, PKCS#7) as it is: a private key is never
 * part of it. Throws CERTIFICATE_INVALID, which says what the file holds instead.
 */
export function withoutKeys(file: Buffer): Buffer {
  const found = CERTIFICATES.flatMap((label) => [...blocks(file, label)]);
  if (found.length > 0) return Buffer.concat(found.flatMap((block) => [block, NEWLINE]));
  const contents = contentsOf(file);
  try {
    const ders = certificatesAmong(contents);
    if (ders.length === 0) throw noCertificate(contents[0]?.kind ?? 'unknown');
    // What is not DER is text with two bytes a character.
    return isDer(file) ? Buffer.concat([file]) : Buffer.from(ders.map(toPem).join(''));
  } finally {
    for (const { content } of contents) content.fill(0);
  }
}

/** The private key of a PEM file as bytes of its own, which never become a string; empty when it has none. */
export function keyWithin(file: Buffer): Buffer {
  const block = findBlock(file, 'PRIVATE KEY') ?? Buffer.alloc(0);
  const copy = Buffer.alloc(block.length);
  block.copy(copy);
  return copy;
}

const toPem = (der: Buffer): string =>
  `${BEGIN}CERTIFICATE${DASHES}\n${der.toString('base64')}\n${END}CERTIFICATE${DASHES}\n`;

// DER begins with the tag of a SEQUENCE.
const isDer = (file: Buffer): boolean => file[0] === 0x30 && file.indexOf(BEGIN) === -1;

const findBlock = (file: Buffer, wanted: string): Buffer | undefined => blocks(file, wanted).next().value;

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
