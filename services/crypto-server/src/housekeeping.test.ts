import type { TenantId } from '@sealtrack/ids/ids';
import type { KeyringStatus } from '@sealtrack/sealed-store/keyring';
import { noteLines } from '@sealtrack/service-kit/testing/note-lines';
import { expect, test } from 'vitest';
import { createHousekeeping } from './housekeeping.ts';

const [SOON, LATER] = [5_000, 600_000];

/** Housekeeping with nothing to wait for. `rounds` are run, one after each pause, and then it is stopped. */
async function keepHouse(rounds: readonly KeyringStatus['state'][], failing: readonly string[] = []) {
  const done: (string | number)[] = [];
  const { lines, log } = noteLines();
  const stop = new AbortController();
  let round = -1;
  const work = (what: string) => {
    done.push(what);
    if (failing.includes(`${what} ${round}`)) throw new Error(`${what} went wrong`);
  };
  const housekeeping = createHousekeeping({
    keyring: { status: () => ({ state: rounds[round] ?? 'open', provider: 'key' }) },
    renewBackups: async (signal) => {
      expect(signal).toBe(stop.signal);
      work('renew');
    },
    purge: async (tenants, signal) => {
      expect(signal).toBe(stop.signal);
      work(`purge of ${(await Array.fromAsync(tenants)).join()}`);
    },
    async *tenants() {
      yield* ['one', 'two'] as TenantId[];
    },
    log,
    wait: async (ms, signal) => {
      expect(signal).toBe(stop.signal);
      done.push(ms);
      round += 1;
      if (round === rounds.length) stop.abort();
    },
  });
  await housekeeping(stop.signal);
  return { done, lines };
}

const PURGE = 'purge of one,two';

test('copies are renewed once, soon after the start, and deletions purged now and again', async () => {
  const { done, lines } = await keepHouse(['open', 'open', 'open']);
  expect(done).toEqual([SOON, 'renew', PURGE, LATER, PURGE, LATER, PURGE, LATER]);
  expect(lines).toEqual([]);
});

test('a sealed one does nothing, and begins soon after it opens', async () => {
  const { done } = await keepHouse(['uninitialised', 'sealed', 'open', 'sealed', 'open']);
  expect(done).toEqual([SOON, SOON, SOON, 'renew', PURGE, LATER, LATER, PURGE, LATER]);
});

test('what fails is logged and tried again, and keeps nothing else from being done', async () => {
  const { done, lines } = await keepHouse(['open', 'open', 'open'], ['renew 0', `${PURGE} 1`]);
  expect(done).toEqual([SOON, 'renew', PURGE, LATER, 'renew', PURGE, LATER, PURGE, LATER]);
  expect(lines).toMatchObject([
    { level: 'error', message: expect.stringContaining('backup folder') },
    { level: 'error', message: expect.stringContaining('purging') },
  ]);
});

test('nothing is begun once it is stopped', async () => {
  expect((await keepHouse([])).done).toEqual([SOON]);
});
