import { expect, test } from 'vitest';
import { formatSize, parseSize } from './sizes.ts';

test.for([
  ['480KB', 480_000, '480 KB'],
  ['230 MB', 230_000_000, '230 MB'],
  ['2GiB', 2 ** 31, '2 GiB'],
  ['1024KiB', 2 ** 20, '1 MiB'],
  ['17B', 17, '17 B'],
] as const)('%s is %d bytes and prints as %s', ([text, bytes, printed]) => {
  expect(parseSize(text)).toBe(bytes);
  expect(formatSize(bytes)).toBe(printed);
});

test.for(['', '0MB', '480', '1.5MB', '-1MB', '480kb', '99999999999GiB', 'MB'])('%j is no size', (text) => {
  expect(parseSize(text)).toBeUndefined();
});
