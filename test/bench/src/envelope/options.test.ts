import { expect, test } from 'vitest';
import { parseEnvelopeOptions } from './options.ts';

test('everything, when nothing is said', () => {
  expect(parseEnvelopeOptions([])).toMatchObject({
    operations: ['seal', 'open'],
    suites: ['pkcs7', 'cms'],
    sizes: [480_000, 230_000_000, 2 ** 31],
    extraOpenSizes: [2 ** 30],
    rounds: 3,
  });
});

test('less, when that is asked for', () => {
  const args = ['--only', 'seal', '--sizes', '480KB,1MiB', '--suites=cms', '--engines', 'limit,sealtrack'];
  const chosen = parseEnvelopeOptions(args);
  expect(chosen).toMatchObject({
    operations: ['seal'],
    suites: ['cms'],
    sizes: [480_000, 2 ** 20],
    extraOpenSizes: [],
  });
  expect(chosen?.engines.map(({ name }) => name)).toEqual(['bare cipher', 'sealtrack']);
});

test('help instead of a run', () => {
  expect(parseEnvelopeOptions(['--help'])).toBeUndefined();
});

test.for([
  ['--only', 'both'],
  ['--sizes', '480'],
  ['--suites', 'smime'],
  ['--engines', 'openssl3'],
  ['--rounds', '0'],
  ['--minutes', '-1'],
  ['--fast'],
])('%j is refused with the way to the help', (args) => {
  expect(() => parseEnvelopeOptions(args)).toThrow(
    expect.objectContaining({ code: 'INVALID_ARGUMENT', fix: expect.stringContaining('--help') }),
  );
});
