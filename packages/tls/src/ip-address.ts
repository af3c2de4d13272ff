import { isIP } from 'node:net';

/** The 4 or 16 bytes of an IP address in text, also in brackets; undefined for a host name. */
export function addressBytes(text: string): Buffer | undefined {
  const address = text.replace(/^\[(.*)\]$/, '$1').replace(/%.*$/, '');
  const version = isIP(address);
  if (version === 4) return Buffer.from(address.split('.').map(Number));
  if (version === 0) return undefined;
  // The last 32 bits may be written as an IPv4 address.
  const groups = address.replace(/(\d+)\.(\d+)\.(\d+)\.(\d+)$/, (_, ...parts: string[]) => {
    const [a = 0, b = 0, c = 0, d = 0] = parts.slice(0, 4).map(Number);
    return `${((a << 8) | b).toString(16)}:${((c << 8) | d).toString(16)}`;
  });
  const [before = [], after] = groups
    .split('::')
    .map((side) => side.split(':').filter((each) => each !== ''));
  const missing =
    after === undefined ? [] : Array.from({ length: 8 - before.length - after.length }, () => '0');
  const all = [...before, ...missing, ...(after ?? [])];
  return Buffer.from(all.map((group) => group.padStart(4, '0')).join(''), 'hex');
}
