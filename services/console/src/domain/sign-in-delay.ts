/** How often somebody may fail before he has to wait, and how long then at most. */
export interface Patience {
  readonly free: number;
  readonly longestMs: number;
}

/** For one account: whoever guesses has some 300 tries a day. */
export const OF_ACCOUNT: Patience = { free: 5, longestMs: 300_000 };
/** For one address, behind which there may be an office. */
export const OF_ADDRESS: Patience = { free: 20, longestMs: 60_000 };

/** How long after the given failure, counted from 1, the next attempt is refused, in milliseconds: twice as long each time. */
export const delayAfter = (failures: number, { free, longestMs }: Patience): number =>
  failures <= free ? 0 : Math.min(1_000 * 2 ** Math.min(failures - free - 1, 30), longestMs);

/**
 * What counts as one address: of IPv6 the half that says which network, within which its owner has 2^64 of them. Those of whom a proxy
 * does not say who they are count as one.
 */
export function addressGroup(address: string): string {
  if (!address.includes(':')) return address === '' ? 'unknown' : address;
  const [head = '', tail] = address.toLowerCase().replace(/%.*$/, '').split('::');
  const before = head === '' ? [] : head.split(':');
  const after = tail === undefined || tail === '' ? [] : tail.split(':');
  const zeros = tail === undefined ? 0 : Math.max(0, 8 - before.length - after.length);
  const groups = [...before, ...Array<string>(zeros).fill('0'), ...after];
  return `${groups
    .slice(0, 4)
    .map((group) => group.replace(/^0+(?=.)/, ''))
    .join(':')}::/64`;
}
