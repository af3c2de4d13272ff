import { createHash } from 'node:crypto';
import { AppError } from '@sealtrack/errors/app-error';

/**
 * A share as a person types it: `sts1-<set>-<groups of four>`. The set is 8 hex digits of the unseal key's id; the groups are
 * Crockford's base32 (no i, l, o, u; case and separators do not matter) of the share and a checksum over set and share. All of
 * it is handled in Buffers, character by character, and never becomes a string.
 */
const PREFIX = Buffer.from('sts1');
const ALPHABET = Buffer.from('0123456789abcdefghjkmnpqrstvwxyz');
const SET_LENGTH = 8;
const CHECKSUM_BYTES = 4;
/** Of a key of 32 bytes: one byte says which share it is. */
export const SHARE_BYTES = 33;
const DIGITS = Math.ceil(((SHARE_BYTES + CHECKSUM_BYTES) * 8) / 5);
const LENGTH = PREFIX.length + SET_LENGTH + DIGITS;
const MAX_TEXT_BYTES = 256;

const DASH = 0x2d;
const SEPARATORS = Buffer.from(' -\t\r\n');
const SET = /^[0-9a-f]{8}$/;

export interface Share {
  readonly set: string;
  /** For the caller to zero. A plain Uint8Array: the library takes no Buffer. */
  readonly bytes: Uint8Array;
}

/** @returns ASCII, for the caller to zero. */
export function toShareText({ set, bytes }: Share): Buffer {
  const content = Buffer.concat([bytes, checksum(set, bytes)]);
  const digits = toDigits(content);
  try {
    const text = Buffer.alloc(LENGTH + 1 + Math.ceil(DIGITS / 4), DASH);
    PREFIX.copy(text);
    text.write(set, PREFIX.length + 1, 'latin1');
    const start = PREFIX.length + 1 + SET_LENGTH + 1;
    for (const [at, digit] of digits.entries()) text[start + at + Math.floor(at / 4)] = digit;
    return text;
  } finally {
    content.fill(0);
    digits.fill(0);
  }
}

/** @throws AppError UNSEAL_SHARE_INVALID, which shows nothing of the text. */
export function readShareText(text: Buffer): Share {
  const typed = normalise(text);
  const content = Buffer.alloc(Math.floor((DIGITS * 5) / 8));
  try {
    if (!typed.subarray(0, PREFIX.length).equals(PREFIX)) throw invalid('it does not begin with "sts1"');
    if (typed.length !== LENGTH)
      throw invalid(`it has ${typed.length} characters where a share has ${LENGTH}, not counting dashes`);
    const set = typed.toString('latin1', PREFIX.length, PREFIX.length + SET_LENGTH);
    fromDigits(typed.subarray(PREFIX.length + SET_LENGTH), content);
    const bytes = new Uint8Array(SHARE_BYTES);
    bytes.set(content.subarray(0, SHARE_BYTES));
    if (SET.test(set) && checksum(set, bytes).equals(content.subarray(SHARE_BYTES))) return { set, bytes };
    bytes.fill(0);
    throw invalid('its checksum does not fit');
  } finally {
    typed.fill(0);
    content.fill(0);
  }
}

const checksum = (set: string, bytes: Uint8Array): Buffer =>
  createHash('sha256')
    .update(`sealtrack share v1 ${set}\0`)
    .update(bytes)
    .digest()
    .subarray(0, CHECKSUM_BYTES);

/** Without separators, in lower case, and with the digits that are meant by letters that look like them. */
function normalise(text: Buffer): Buffer {
  if (text.length > MAX_TEXT_BYTES) throw invalid('it is too long');
  const typed = Buffer.alloc(text.length);
  let length = 0;
  for (const character of text) {
    if (SEPARATORS.includes(character)) continue;
    typed[length++] = meant(character >= 0x41 && character <= 0x5a ? character + 0x20 : character);
  }
  return typed.subarray(0, length);
}

function meant(character: number): number {
  if (character === 0x6f) return 0x30; // o
  if (character === 0x69 || character === 0x6c) return 0x31; // i, l
  return character;
}

function toDigits(content: Buffer): Buffer {
  const digits = Buffer.alloc(DIGITS);
  for (let at = 0; at < DIGITS; at++) {
    let value = 0;
    for (let bit = at * 5; bit < at * 5 + 5; bit++)
      value = (value << 1) | (((content[bit >> 3] ?? 0) >> (7 - (bit & 7))) & 1);
    digits[at] = ALPHABET[value] ?? 0;
  }
  return digits;
}

function fromDigits(digits: Buffer, content: Buffer): void {
  for (const [at, digit] of digits.entries()) {
    const value = ALPHABET.indexOf(digit);
    if (value === -1) throw invalid(`character ${PREFIX.length + SET_LENGTH + at + 1} is none of a share`);
    for (let bit = 0; bit < 5; bit++) {
      const place = at * 5 + bit;
      const one = (value >> (4 - bit)) & 1;
      // What is left over of the last digit is zero, so that a share has one spelling.
      if (place >> 3 >= content.length && one === 1) throw invalid('its last character does not fit');
      if (place >> 3 < content.length)
        content[place >> 3] = (content[place >> 3] ?? 0) | (one << (7 - (place & 7)));
    }
  }
}

export const invalid = (why: string, fix = 'Type the share again, exactly as it was handed out.') =>
  new AppError('UNSEAL_SHARE_INVALID', `This is not a share that can be used: ${why}`, { fix });
