import type { ByteSource } from './byte-source.ts';
import { envelopeFileInvalid } from './failures.ts';

const MAX_SIZE = 64 * 1024;
const NEWLINE = 0x0a;
const CARRIAGE_RETURN = 0x0d;
const CONTENT_TYPES = ['application/pkcs7-mime', 'application/x-pkcs7-mime'];
/** A name of printable ASCII without a colon, and any value (RFC 5322, 2.2). */
const HEADER = /^([!-9;-~]+)[ \t]*:(.*)$/;

/**
 * Takes the headers of an S/MIME message and the empty line after them (RFC 8551, 3.3), and checks that its body is
 * base64 of one PKCS#7 or CMS object. Throws ENVELOPE_INVALID.
 */
export async function readSmimeHeaders(bytes: ByteSource): Promise<void> {
  const headers = parseHeaders(await takeHeaders(bytes));
  const contentType = mediaType(headers.get('content-type'));
  if (contentType?.startsWith('multipart/')) {
    throw envelopeFileInvalid('The file is a message of several parts: the encrypted one alone is needed');
  }
  if (contentType === undefined || !CONTENT_TYPES.includes(contentType)) {
    throw envelopeFileInvalid(`The file is a message whose Content-Type is not ${CONTENT_TYPES[0]}`);
  }
  const encoding = headers.get('content-transfer-encoding')?.trim().toLowerCase() ?? 'base64';
  if (encoding !== 'base64') {
    throw envelopeFileInvalid('The file is a message whose Content-Transfer-Encoding is not base64');
  }
}

/** What is before the parameters. */
const mediaType = (value: string | undefined): string | undefined =>
  value?.split(';')[0]?.trim().toLowerCase();

/** Of each name in lower case, the first value. */
function parseHeaders(text: string): Map<string, string> {
  const headers = new Map<string, string>();
  // A line that begins with white space belongs to the one before (RFC 5322, 2.2.3).
  for (const line of text
    .replaceAll('\r\n', '\n')
    .replaceAll(/\n[ \t]+/g, ' ')
    .split('\n')) {
    const [, name, value] = HEADER.exec(line) ?? [];
    if (name === undefined || value === undefined) throw unknownForm();
    const key = name.toLowerCase();
    if (!headers.has(key)) headers.set(key, value);
  }
  return headers;
}

/** Everything before the first empty line, which is taken too. */
async function takeHeaders(bytes: ByteSource): Promise<string> {
  const taken: number[] = [];
  let column = 0;
  while (await bytes.more()) {
    for (let byte = bytes.byte(); byte !== undefined; byte = bytes.byte()) {
      if (taken.length === MAX_SIZE) throw unknownForm();
      if (byte === NEWLINE && column === 0) return Buffer.from(taken).toString('latin1').trimEnd();
      taken.push(byte);
      if (byte === NEWLINE) column = 0;
      else if (byte !== CARRIAGE_RETURN) column += 1;
    }
  }
  throw unknownForm();
}

const unknownForm = () => envelopeFileInvalid('The file is neither DER nor PEM nor an S/MIME message');
