import { PassThrough } from 'node:stream';
import { expect, test } from 'vitest';
import { barLine, createBar } from './progress.ts';

test.each([
  [0, 4, '[..............................] 0 of 4'],
  [1, 4, '[#######.......................] 1 of 4'],
  [4, 4, '[##############################] 4 of 4'],
  [0, 0, '[##############################] 0 of 0'],
])('a bar for %i of %i', (done, total, expected) => {
  expect(barLine('sealing', done, total)).toBe(`sealing: ${expected}`);
});

test('a bar is drawn only for people, and leaves nothing behind', () => {
  const stderr = new PassThrough();
  const quiet = createBar({ stderr, enabled: false, label: 'sealing' });
  quiet.show(1, 2);
  quiet.clear();
  expect(stderr.read()).toBeNull();
  const bar = createBar({ stderr, enabled: true, label: 'sealing' });
  bar.show(1, 2);
  bar.clear();
  const clear = '\r\u001b[K';
  expect(String(stderr.read())).toBe(`${clear}${barLine('sealing', 1, 2)}${clear}`);
});
