import { randomBytes } from 'node:crypto';

/** 128 bits, the first of them 01: positive, and never shorter. Upper-case hex, as OpenSSL and the names of files have it. */
export function newSerial(): string {
  const serial = randomBytes(16);
  serial[0] = ((serial[0] ?? 0) & 0x3f) | 0x40;
  return serial.toString('hex').toUpperCase();
}

/** Of an INTEGER's content in hex: in whole bytes, with no leading zeros, as OpenSSL has it in its database. */
export function serialOf(hex: string): string {
  const digits = hex.replace(/^0+/, '').toUpperCase();
  return digits.length % 2 === 1 || digits === '' ? `0${digits}` : digits;
}

/** What serial.num and crl.num hold; undefined when it is no number. */
export function parseNumberFile(text: string): bigint | undefined {
  const digits = text.trim();
  return /^[0-9A-Fa-f]{1,40}$/.test(digits) ? BigInt(`0x${digits}`) : undefined;
}

/** In whole bytes, which is what OpenSSL reads. */
export const formatNumberFile = (number: bigint): string => `${serialOf(number.toString(16))}\n`;
