/** PEM (RFC 7468) in Buffers only: a private key must never become a string. */

const ALPHABET = Buffer.from('ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/');
const LINE = 64;
const NEWLINE = 0x0a;
const PADDING = 0x3d;

/** The caller zeroes the result when the content is secret. */
export function encodePem(label: string, content: Uint8Array): Buffer {
  const digits = Math.ceil(content.length / 3) * 4;
  const lines = Math.ceil(digits / LINE);
  const head = Buffer.from(`-----BEGIN ${label}-----\n`);
  const tail = Buffer.from(`-----END ${label}-----\n`);
  const pem = Buffer.alloc(head.length + digits + lines + tail.length);
  let at = head.copy(pem);
  const put = (byte: number): void => {
    pem[at++] = byte;
  };

  for (let i = 0, column = 0; i < content.length; i += 3) {
    const left = content.length - i;
    const group = ((content[i] ?? 0) << 16) | ((content[i + 1] ?? 0) << 8) | (content[i + 2] ?? 0);
    put(ALPHABET[(group >> 18) & 63] ?? 0);
    put(ALPHABET[(group >> 12) & 63] ?? 0);
    put(left > 1 ? (ALPHABET[(group >> 6) & 63] ?? 0) : PADDING);
    put(left > 2 ? (ALPHABET[group & 63] ?? 0) : PADDING);
    column += 4;
    if (column === LINE || left <= 3) {
      put(NEWLINE);
      column = 0;
    }
  }
  tail.copy(pem, at);
  return pem;
}

/** One block of a PEM file. */
export interface PemBlock {
  /** Such as `CERTIFICATE` or `ENCRYPTED PRIVATE KEY`. */
  readonly label: string;
  /** Headers of RFC 1421 by their names in lower case: `proc-type`, `dek-info`. */
  readonly headers: ReadonlyMap<string, string>;
  /** In memory of its own, which the caller zeroes when it is secret. Empty when the block is damaged. */
  readonly content: Buffer;
}

const BEGIN = '-----BEGIN ';
const DASHES = '-----';
const MAX_BLOCKS = 100;
const MAX_LABEL = 64;
const MAX_HEADERS = 20;

/**
 * The blocks of a PEM file in order, the first hundred. Files in the world have text before and between them (`openssl
 * pkcs12` prints "Bag Attributes"), line ends of every kind, byte order marks, and spaces at the ends of lines.
 */
export function pemBlocks(file: Buffer): PemBlock[] {
  const blocks: PemBlock[] = [];
  let at = file.indexOf(BEGIN);
  while (at !== -1 && blocks.length < MAX_BLOCKS) {
    const labelEnd = file.indexOf(DASHES, at + BEGIN.length);
    const labelSize = labelEnd - at - BEGIN.length;
    let next = at + BEGIN.length;
    if (labelEnd !== -1 && labelSize > 0 && labelSize <= MAX_LABEL) {
      const label = file.toString('latin1', at + BEGIN.length, labelEnd);
      const start = labelEnd + DASHES.length;
      // Not beyond the next block, so that blocks without an end are not each looked for to the end of the file.
      const following = file.indexOf(BEGIN, start);
      const rest = file.subarray(start, following === -1 ? file.length : following);
      const end = rest.indexOf(`${DASHES}END ${label}${DASHES}`);
      blocks.push(toBlock(label, end === -1 ? Buffer.alloc(0) : rest.subarray(0, end)));
      next = start;
    }
    at = file.indexOf(BEGIN, next);
  }
  return blocks;
}

function toBlock(label: string, body: Buffer): PemBlock {
  const headers = new Map<string, string>();
  let at = 0;
  while (headers.size < MAX_HEADERS) {
    const lineEnd = body.indexOf(NEWLINE, at);
    const colon = body.subarray(at, lineEnd).indexOf(':');
    if (lineEnd === -1 || (colon === -1 && !isBlank(body.subarray(at, lineEnd)))) break;
    // Base64 has no colons, so nothing secret becomes a string here.
    if (colon !== -1) {
      const name = body
        .toString('latin1', at, at + colon)
        .trim()
        .toLowerCase();
      headers.set(name, body.toString('latin1', at + colon + 1, lineEnd).trim());
    }
    at = lineEnd + 1;
  }
  return { label, headers, content: decodeBase64(body.subarray(at)) };
}

const isBlank = (line: Buffer): boolean => line.every(isSpace);
const isSpace = (byte: number): boolean => byte === 0x20 || (byte >= 0x09 && byte <= 0x0d);

const VALUES = new Int8Array(256).fill(-1);
ALPHABET.forEach((byte, value) => {
  VALUES[byte] = value;
});

/** Not Buffer's own, which wants a string. Empty for what is no base64. */
function decodeBase64(text: Buffer): Buffer {
  const decoded = Buffer.alloc(Math.ceil((text.length * 3) / 4));
  let [size, group, digits, padding] = [0, 0, 0, 0];
  for (const byte of text) {
    const value = VALUES[byte] ?? -1;
    if (isSpace(byte)) continue;
    if (byte === PADDING) padding += 1;
    else if (value === -1 || padding > 0) return refuse(decoded);
    else {
      group = ((group << 6) | value) & 0xffffff;
      digits += 1;
      const bits = (digits % 4) * 6;
      // Of four digits the second, third and fourth each complete a byte.
      if (digits % 4 !== 1) decoded[size++] = bits === 0 ? group : group >> (bits % 8);
    }
  }
  return digits % 4 === 1 || padding > 2 ? refuse(decoded) : decoded.subarray(0, size);
}

function refuse(decoded: Buffer): Buffer {
  decoded.fill(0);
  return Buffer.alloc(0);
}
