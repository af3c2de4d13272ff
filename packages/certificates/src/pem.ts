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

/** Labels of the PEM blocks in a file, in order: `CERTIFICATE`, `ENCRYPTED PRIVATE KEY`. */
export function pemLabels(file: Buffer): string[] {
  const labels: string[] = [];
  const begin = '-----BEGIN ';
  for (let at = file.indexOf(begin); at !== -1; at = file.indexOf(begin, at + 1)) {
    const end = file.indexOf('-----', at + begin.length);
    if (end !== -1 && end - at < 80) labels.push(file.toString('latin1', at + begin.length, end));
  }
  return labels;
}
