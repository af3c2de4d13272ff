import { defineConfig } from 'vitest/config';

/** Real servers and processes take their time on a busy machine; a hang is what these limits are for. */
const testTimeout = 60_000;
const hookTimeout = 120_000;

// biome-ignore lint/style/noDefaultExport: Vitest asks for it.
export default defineConfig({
  test: {
    maxWorkers: 2,
    projects: [
      {
        test: {
          name: 'parts',
          include: [
            'packages/**/src/**/*.test.ts',
            'services/**/src/**/*.test.ts',
            'deploy/**/src/**/*.test.ts',
          ],
          sequence: { groupOrder: 0 },
          testTimeout,
          hookTimeout,
        },
      },
      {
        // Each file starts a system of six processes, or measures: one at a time, and with nothing beside it.
        test: {
          name: 'systems',
          include: ['test/**/*.test.ts'],
          sequence: { groupOrder: 1 },
          maxWorkers: 1,
          fileParallelism: false,
          testTimeout: 3 * testTimeout,
          hookTimeout,
        },
      },
    ],
  },
});
