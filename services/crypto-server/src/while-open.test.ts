import { expect, test } from 'vitest';
import { createWhileOpen } from './while-open.ts';

type Status = Parameters<typeof createWhileOpen>[0]['status'];
const guarded = (status: Status) => createWhileOpen({ status });

test.each([
  ['sealed', 'key', 'sealtrack seal status'],
  ['uninitialised', 'key', 'sealtrack seal status'],
  ['sealed', 'shamir', 'sealtrack unseal.'],
  ['uninitialised', 'shamir', 'sealtrack seal init'],
] as const)('%s with %s, nothing is called, and the error says what to do', (state, provider, fix) => {
  const called: unknown[] = [];
  const handler = guarded(() => ({ state, provider }))((...args: unknown[]) => called.push(args));
  const refusal = { code: 'SEALED', fix: expect.stringContaining(fix), details: { state } };
  expect(() => handler('request')).toThrow(expect.objectContaining(refusal));
  expect(called).toEqual([]);
});

test('open, the handler gets what it was given, and its answer goes out', () => {
  let state: 'sealed' | 'open' = 'sealed';
  const handler = guarded(() => ({ state, provider: 'key' }))((...args: string[]) => args.join());
  state = 'open';
  expect(handler('request', 'call')).toBe('request,call');
  state = 'sealed';
  expect(() => handler('request', 'call')).toThrow();
});
