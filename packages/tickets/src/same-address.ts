import { addressBytes } from '@sealtrack/tls/ip-address';

/** Whether two texts are one IP address: however an IPv6 address is written, and IPv4 within IPv6 too (RFC 4291, 2.5.5.2). */
export function isSameAddress(one: string, other: string): boolean {
  const [a, b] = [one, other].map(canonicalAddress);
  return a !== undefined && a === b;
}

/** Undefined for what is no IP address. */
export function canonicalAddress(text: string): string | undefined {
  const bytes = addressBytes(text.trim());
  if (bytes === undefined) return undefined;
  const isMapped = bytes.length === 16 && bytes.subarray(0, 12).equals(MAPPED);
  return (isMapped ? bytes.subarray(12) : bytes).toString('hex');
}

const MAPPED = Buffer.from('00000000000000000000ffff', 'hex');
