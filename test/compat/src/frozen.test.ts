import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join, sep } from 'node:path';
import { expect, test } from 'vitest';
import { VECTORS } from './vectors.ts';

/** Of the file with the sums itself, so that one cannot be changed along with the other. New files change it too. */
const SUMS = '5aa07ccab70c78a619ed8c9a495c7bbe6254d477ab4d19603a42f9eeff358a84';

const sha256 = (file: string): string =>
  createHash('sha256')
    .update(readFileSync(join(VECTORS, file)))
    .digest('hex');

test('no frozen file was changed, lost or added', () => {
  const lines = readFileSync(join(VECTORS, 'SHA256SUMS'), 'utf8').trimEnd().split('\n');
  const files = readdirSync(VECTORS, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && !['README.md', 'SHA256SUMS'].includes(entry.name))
    .map(({ parentPath, name }) =>
      join(parentPath, name)
        .slice(VECTORS.length + 1)
        .replaceAll(sep, '/'),
    );
  const found = files.toSorted().map((file) => `${sha256(file)}  ./${file}`);
  expect(found).toEqual(lines);
});

test('nor were the sums', () => {
  expect(sha256('SHA256SUMS')).toBe(SUMS);
});
