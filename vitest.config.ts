import { configDefaults, defineConfig } from 'vitest/config';

/** Real servers and processes take their time on a busy machine; a hang is what these limits are for. */
const testTimeout = 60_000;
const hookTimeout = 120_000;
/** What is waited for comes at once, or on a busy machine a good deal later. */
const expectation = { poll: { timeout: 30_000 } };

const ALONE = ['test/e2e/src/large-recording.test.ts'];

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
          expect: expectation,
        },
      },
      {
        // Long and busy, but each by itself.
        test: {
          name: 'vectors',
          include: ['test/{mutations,interop,compat,conformance,rules}/**/*.test.ts'],
          sequence: { groupOrder: 0 },
          testTimeout: 3 * testTimeout,
          hookTimeout,
          expect: expectation,
        },
      },
      {
        // Each file starts a system of seven processes, and mostly waits for it.
        test: {
          name: 'systems',
          include: ['test/{e2e,faults}/**/*.test.ts'],
          exclude: [...configDefaults.exclude, ...ALONE],
          sequence: { groupOrder: 1 },
          testTimeout: 3 * testTimeout,
          hookTimeout,
          expect: expectation,
        },
      },
      {
        // What measures, memory or time, has nothing beside it.
        test: {
          name: 'alone',
          include: ['test/bench/**/*.test.ts', ...ALONE],
          sequence: { groupOrder: 2 },
          maxWorkers: 1,
          fileParallelism: false,
          testTimeout: 3 * testTimeout,
          hookTimeout,
          expect: expectation,
        },
      },
    ],
  },
});
