import { AppError } from '@sealtrack/errors/app-error';

const BEGIN = '-----BEGIN ';
const END = '-----END ';
const DASHES = '-----';

/**
 * The first PEM block whose label ends with `label`, as bytes of its own: a private key never becomes a string.
 * Throws INVALID_ARGUMENT when the file has none.
 */
export function splitPem(file: Buffer, label: string, path: string): Buffer {
  const block = findBlock(file, label);
  if (block !== undefined) {
    const copy = Buffer.alloc(block.length);
    block.copy(copy);
    return copy;
  }
  throw new AppError('INVALID_ARGUMENT', `${path} has no ${label} in it`, {
    fix:
      label === 'PRIVATE KEY'
        ? 'Give the private key of the certificate with --key.'
        : 'Give a certificate in PEM, which begins with -----BEGIN CERTIFICATE-----, or in DER.',
    details: { file: path },
  });
}

/** The certificate of a PEM file, of which it may be one part, or of a DER file, as PEM. */
export function toCertificatePem(file: Buffer, path: string): string {
  if (isDer(file))
    return `${BEGIN}CERTIFICATE${DASHES}\n${file.toString('base64')}\n${END}CERTIFICATE${DASHES}\n`;
  return splitPem(file, 'CERTIFICATE', path).toString('latin1');
}

/** Every certificate of a PEM file, or what may be the only one of a DER file. */
export function certificateBlocks(file: Buffer): Buffer[] {
  if (isDer(file)) return [file];
  return [...blocks(file, 'CERTIFICATE')].map((block) => Buffer.from(block));
}

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
