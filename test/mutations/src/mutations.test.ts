import { describe, expect, test } from 'vitest';
import { runChild, TIME_BOX } from './run-child.ts';
import type { TargetReport } from './run-group.ts';
import type { Endings } from './target.ts';

const MIB = 1024 * 1024;
const timeout = 2 * TIME_BOX;
const GROUPS = ['tagged', 'segments', 'untagged', 'files', 'manifests'];
const reports: TargetReport[] = [];

const countOf = (endings: Endings): number => Object.values(endings).reduce((sum, count) => sum + count, 0);

describe('of what is valid, every mutation is refused or gives nothing but the original', () => {
  // In processes of their own: one that crashes, hangs or takes too much memory ends, and fails here.
  test.each(GROUPS)('%s', { timeout }, async (group) => {
    const found = await runChild<TargetReport>('run-group.ts', 128, group);
    expect(found.length).toBeGreaterThan(0);
    for (const report of found) {
      expect(report.kept, report.target).toBeLessThan(16 * MIB);
      // Whatever is mutated, some of it reaches the keys and fails there.
      const failed = Object.keys(report.endings).some((ending) => ending.includes('DECRYPTION_FAILED'));
      expect(failed, report.target).toBe(true);
    }
    reports.push(...found);
  });

  test('and there are 200,000 of them', () => {
    for (const { target, endings } of reports) {
      const ways = Object.entries(endings).map(([ending, count]) => `${ending}: ${count}`);
      console.log(`${countOf(endings)} mutations of ${target} (${ways.join(', ')})`);
    }
    const total = reports.reduce((sum, { endings }) => sum + countOf(endings), 0);
    console.log(`${total} mutations in all`);
    expect(total).toBeGreaterThanOrEqual(200_000);
  });
});
