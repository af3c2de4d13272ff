import { expect, test } from 'vitest';
import { childTraceparent, continueTrace, newTraceparent, parseTraceparent } from './trace.ts';

const EXAMPLE = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01';

test('the example of the W3C recommendation is read', () => {
  expect(parseTraceparent(EXAMPLE)).toEqual({
    traceId: '4bf92f3577b34da6a3ce929d0e0e4736',
    parentId: '00f067aa0ba902b7',
    sampled: true,
  });
});

test.each([
  ['', 'nothing'],
  [EXAMPLE.toUpperCase(), 'upper case'],
  [EXAMPLE.replace('00-', 'ff-'), 'version ff'],
  [EXAMPLE.replace(/-4b.*?-/, `-${'0'.repeat(32)}-`), 'a trace id of zeros'],
  [EXAMPLE.replace(/-00f.*?-/, `-${'0'.repeat(16)}-`), 'a parent id of zeros'],
  [`${EXAMPLE}-more`, 'more than version 00 has'],
  [EXAMPLE.slice(0, -1), 'short flags'],
])('%j is none: %s', (text) => {
  expect(parseTraceparent(text)).toBeUndefined();
});

test('a later version may say more', () => {
  expect(parseTraceparent(`${EXAMPLE.replace('00-', '01-')}-more`)?.sampled).toBe(true);
});

test('a further step keeps the trace and its sampling, and has its own id', () => {
  const parent = parseTraceparent(newTraceparent());
  if (parent === undefined) throw new Error('A new trace context cannot be read');
  const child = parseTraceparent(childTraceparent(parent));
  expect(child).toMatchObject({ traceId: parent.traceId, sampled: true });
  expect(child?.parentId).not.toBe(parent.parentId);
  expect(continueTrace(EXAMPLE.replace(/01$/, '00'))).toMatch(
    /^00-4bf92f3577b34da6a3ce929d0e0e4736-[0-9a-f]{16}-00$/,
  );
});

test('without a readable parent a new trace begins', () => {
  for (const text of [undefined, 'nonsense']) expect(parseTraceparent(continueTrace(text))).toBeDefined();
});
