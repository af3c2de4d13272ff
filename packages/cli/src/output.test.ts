import { describe, expect, test } from 'vitest';
import { printable, table, toJson } from './output.ts';
import { progressLine } from './progress.ts';
import { formatBytes, formatRate } from './units.ts';

describe('for programs', () => {
  test('sizes are numbers, and one that would lose digits is a string', () => {
    expect(toJson({ size: 3n, huge: 2n ** 60n })).toBe('{"size":3,"huge":"1152921504606846976"}');
  });
});

describe('for people', () => {
  test('columns line up', () => {
    expect(
      table(
        ['ID', 'NAME'],
        [
          ['1', 'one'],
          ['1000', 'thousand'],
        ],
      ),
    ).toBe('ID    NAME\n1     one\n1000  thousand');
  });

  test('what others wrote cannot steer the terminal', () => {
    expect(printable('alias\u001b[2J\nnext\u202e')).toBe('alias\u{fffd}[2J\u{fffd}next\u{fffd}');
    expect(table(['A'], [['\u001b]0;owned\u0007']])).not.toContain('\u001b');
  });

  test.each([
    [0, '0 B'],
    [999, '999 B'],
    [480_000, '480 kB'],
    [1_920_044, '1.9 MB'],
    [999_600, '1.0 MB'],
    [2n ** 31n, '2.1 GB'],
  ])('%s bytes are %s', (bytes, text) => expect(formatBytes(bytes)).toBe(text));

  test('progress has a rate, and a share when the size is known', () => {
    expect(progressLine('sending', 50_000_000, 200_000_000, 2)).toBe(
      'sending: 50.0 MB of 200 MB (25 %), 25.0 MB/s',
    );
    expect(progressLine('sending', 50_000_000, undefined, 2)).toBe('sending: 50.0 MB, 25.0 MB/s');
    expect(formatRate(1_000_000, 0)).toBe('1000.0 MB/s');
  });
});
