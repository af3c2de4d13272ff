/** PEM in bytes: what may be a private key is made no string of. */

export interface PemBlock {
  readonly label: string;
  /** Headers of RFC 1421, by their names in lower case. */
  readonly headers: ReadonlyMap<string, string>;
  /** In memory of its own; empty when it is damaged. */
  readonly content: Uint8Array<ArrayBuffer>;
}

const DASHES = '-----';
const MAX_BLOCKS = 100;
const MAX_LABEL = 64;
const NEWLINE = 0x0a;

/** The blocks of a file, in order, whatever text is around them. */
export function pemBlocks(file: Uint8Array): PemBlock[] {
  const blocks: PemBlock[] = [];
  let at = find(file, '-----BEGIN ', 0);
  while (at !== -1 && blocks.length < MAX_BLOCKS) {
    const labelAt = at + '-----BEGIN '.length;
    const labelEnd = find(file, DASHES, labelAt);
    const next = find(file, '-----BEGIN ', labelAt);
    if (labelEnd !== -1 && labelEnd - labelAt <= MAX_LABEL) {
      const label = latin1(file.subarray(labelAt, labelEnd));
      const rest = file.subarray(labelEnd + DASHES.length, next === -1 ? file.length : next);
      const end = find(rest, `${DASHES}END ${label}${DASHES}`, 0);
      blocks.push({ label, ...bodyOf(rest.subarray(0, Math.max(end, 0))) });
    }
    at = next;
  }
  return blocks;
}

function bodyOf(body: Uint8Array): Pick<PemBlock, 'headers' | 'content'> {
  const headers = new Map<string, string>();
  let at = 0;
  for (;;) {
    const lineEnd = body.indexOf(NEWLINE, at);
    if (lineEnd === -1) break;
    const line = body.subarray(at, lineEnd);
    const colon = line.indexOf(0x3a);
    // Base64 has no colons: nothing secret becomes a string here.
    if (colon === -1 && line.some((byte) => byte > 0x20)) break;
    if (colon !== -1)
      headers.set(
        latin1(line.subarray(0, colon)).trim().toLowerCase(),
        latin1(line.subarray(colon + 1)).trim(),
      );
    at = lineEnd + 1;
  }
  return { headers, content: decodeBase64(body.subarray(at)) };
}

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
const VALUES = new Int8Array(256).fill(-1);
for (const [value, character] of [...ALPHABET].entries()) VALUES[character.charCodeAt(0)] = value;

function decodeBase64(text: Uint8Array): Uint8Array<ArrayBuffer> {
  const decoded = new Uint8Array(Math.ceil((text.length * 3) / 4));
  let [size, group, digits] = [0, 0, 0];
  for (const byte of text) {
    if (byte <= 0x20 || byte === 0x3d) continue;
    const value = VALUES[byte] ?? -1;
    if (value === -1) return new Uint8Array();
    group = ((group << 6) | value) & 0xffffff;
    digits += 1;
    const left = (digits % 4) * 6;
    if (digits % 4 !== 1) decoded[size++] = left === 0 ? group : group >> (left % 8);
  }
  return decoded.subarray(0, size);
}

/** One block with lines of 64 characters. */
export function encodePem(label: string, content: Uint8Array): string {
  const base64 = encodeBase64(content).replaceAll(/.{64}/g, '$&\n').replace(/\n$/, '');
  return `-----BEGIN ${label}-----\n${base64}\n-----END ${label}-----\n`;
}

export const encodeBase64 = (content: Uint8Array): string => btoa(latin1(content));

export const latin1 = (bytes: Uint8Array): string =>
  Array.from(bytes, (byte) => String.fromCharCode(byte)).join('');

function find(bytes: Uint8Array, text: string, from: number): number {
  const first = text.charCodeAt(0);
  for (let at = bytes.indexOf(first, from); at !== -1; at = bytes.indexOf(first, at + 1)) {
    let same = 1;
    while (same < text.length && bytes[at + same] === text.charCodeAt(same)) same += 1;
    if (same === text.length) return at;
  }
  return -1;
}
