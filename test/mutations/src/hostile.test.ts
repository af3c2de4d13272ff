import { expect, test } from 'vitest';
import { runChild, TIME_BOX } from './run-child.ts';
import type { HostileReport } from './run-hostile.ts';

const MIB = 1024 * 1024;

test('input that lies about its size takes no more memory than there is of it', {
  timeout: 2 * TIME_BOX,
}, async () => {
  // A heap of 64 MB, in which nothing large fits.
  const reports = await runChild<HostileReport>('run-hostile.ts', 64);
  expect(reports.length).toBeGreaterThan(80);
  for (const { name, peak, kept } of reports) {
    // Manifests of 16 MiB are made in it, and the larger one is of 64.
    expect(peak / MIB, name).toBeLessThan(name.startsWith('manifest') ? 96 : 40);
    expect(kept / MIB, name).toBeLessThan(8);
  }
});
