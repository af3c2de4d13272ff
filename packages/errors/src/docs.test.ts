import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { CODES, type ErrorCode } from './codes.ts';

const page = readFileSync(new URL('../../../docs/errors.md', import.meta.url), 'utf8');

/** The cells of every row that starts with a code. */
const rows = page
  .split('\n')
  .filter((line) => /^\| `[A-Z]/.test(line))
  .map((line) =>
    line
      .split('|')
      .map((cell) => cell.trim())
      .slice(1, -1),
  )
  .map(([code = '', ...cells]) => [code.replaceAll('`', ''), ...cells]);

test.each(Object.keys(CODES) as ErrorCode[])('docs/errors.md explains %s as it is', (code) => {
  const found = rows.filter(([name]) => name === code);
  expect(found, `docs/errors.md needs exactly one row for ${code}`).toHaveLength(1);
  const [, grpc, event, meaning, next] = found[0] ?? [];
  expect({ grpc, event }).toEqual(CODES[code]);
  expect(meaning).toMatch(/\S.*\.$/);
  expect(next).toMatch(/\S.*[.]$/);
});

test('docs/errors.md explains nothing that does not exist', () => {
  expect(rows.map(([code]) => code).filter((code) => !(code !== undefined && code in CODES))).toEqual([]);
});
