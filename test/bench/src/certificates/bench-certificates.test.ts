import { expect, test } from 'vitest';
import { benchCertificates } from './bench-certificates.ts';

test('the bench of certificates runs, and measures each of its cases', async () => {
  const rows = await benchCertificates(() => undefined, { certificates: 150, keys: 2, times: 3 });
  expect(rows.map((each) => each.case)).toContain('search, one found');
  expect(rows.every(({ value }) => value !== undefined && value > 0)).toBe(true);
});
