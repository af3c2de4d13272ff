import { expect, test } from 'vitest';
import { parseRange } from './byte-range.ts';

const MAX = Number.MAX_SAFE_INTEGER;

test.each<[string | undefined, ReturnType<typeof parseRange>]>([
  ['bytes=0-', { offset: 0, length: undefined }],
  ['bytes=0-0', { offset: 0, length: 1 }],
  ['Bytes= 5-9 ', { offset: 5, length: 5 }],
  ['bytes=-500', { last: 500 }],
  ['bytes=-0', { last: 0 }],
  ['bytes=99999999999999999999-', { offset: MAX, length: undefined }],
  ['bytes=0-99999999999999999999', { offset: 0, length: MAX }],
  ['bytes=007-008', { offset: 7, length: 2 }],
  [undefined, undefined],
  ['', undefined],
  ['bytes=', undefined],
  ['bytes=-', undefined],
  ['bytes=9-5', undefined],
  ['bytes=0-1,3-4', undefined],
  ['bytes=0-1, -5', undefined],
  ['bytes=+1-5', undefined],
  ['bytes=1.5-5', undefined],
  ['bytes=a-b', undefined],
  ['bytes 0-5', undefined],
  ['seconds=0-5', undefined],
])('Range: %s', (header, expected) => {
  expect(parseRange(header)).toEqual(expected);
});
