/** By the numbers that they are: they have no zeros in front, and may be larger than a number is exact. */
export const compareProfileIds = (a: string, b: string): number =>
  a.length - b.length || (a < b ? -1 : a > b ? 1 : 0);
