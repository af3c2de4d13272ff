/** Base64 that arrives in parts (RFC 4648, 4), with white space anywhere. */
export interface Base64Decoder {
  /** The bytes that `part` completes. Undefined when something else is in it. */
  decode(part: Buffer): Buffer | undefined;
  /** Whether it may end here: not in the middle of four digits. */
  isComplete(): boolean;
}

const WHITE_SPACE = /[ \t\r\n]+/g;
/** Digits of the other alphabet (RFC 4648, 5), which Node reads too. */
const FOREIGN = ['-', '_'];

export function createBase64Decoder(): Base64Decoder {
  let left = '';
  let isPadded = false;
  return {
    decode(part) {
      const more = part.toString('latin1').replaceAll(WHITE_SPACE, '');
      const digits = left + more;
      const whole = digits.slice(0, digits.length - (digits.length % 4));
      left = digits.slice(whole.length);
      const padding = whole.endsWith('==') ? 2 : whole.endsWith('=') ? 1 : 0;
      const bytes = Buffer.from(whole, 'base64');
      // Node passes over what is no digit, and stops at padding: there are fewer bytes then.
      const isWhole = bytes.length === (whole.length / 4) * 3 - padding;
      if (!isWhole || FOREIGN.some((digit) => whole.includes(digit)) || (isPadded && more !== ''))
        return undefined;
      isPadded ||= padding > 0;
      return bytes;
    },
    isComplete: () => left === '',
  };
}
