import { EVENT_KINDS } from '@sealtrack/contracts/event-kinds';
import { expect } from 'vitest';
import { mediaOf, sha256 } from './media.ts';
import type { Tenant } from './tenant.ts';
import { until } from './until.ts';

const DECRYPTED_AT_A_TIME = 8;

export interface Expectation {
  /** Milliseconds for the system to catch up. */
  readonly within?: number;
  /** An attempt died, so its mark, its ciphertext and its temporary files may lie about for a day. */
  readonly unfinished?: boolean;
}

/**
 * The invariant of every test here: what was acknowledged is stored, listed once, announced and decryptable byte for
 * byte; nothing else is listed or stored; and no mark waits for anything any more.
 */
export async function expectAllThere(
  tenant: Tenant,
  { within = 30_000, unfinished = false }: Expectation = {},
): Promise<void> {
  const wanted = [...tenant.acknowledged.keys()].sort();
  await until(
    'everything that was acknowledged is listed',
    async () => {
      const listed = new Set(await tenant.listed());
      return wanted.every((id) => listed.has(id));
    },
    within,
  );
  await until('everything that was acknowledged was announced', () => {
    const announced = new Set(tenant.events('recording', 'stored').map(({ body }) => recordingIn(body)));
    return wanted.every((id) => announced.has(id));
  });
  await expectBytes(tenant, wanted);

  const settled = await until('no mark of a stored recording is left', async () => {
    const folder = await tenant.folder();
    return folder.unsaid.length === 0 && (unfinished || folder.marks.length === 0) && folder;
  });
  expect(settled).toMatchObject({ recordings: wanted, broken: [], orphans: [] });
  if (!unfinished) expect(settled).toMatchObject({ unfinished: [], marks: [], temporaries: [] });
  // Last, so that something that comes twice has had its time to.
  expect(await tenant.listed()).toEqual(wanted);
}

const recordingIn = (body: string): string =>
  EVENT_KINDS.recordingStored.message.fromJSON(JSON.parse(body)).recordingId;

async function expectBytes(tenant: Tenant, ids: readonly string[]): Promise<void> {
  const waiting = [...ids];
  const work = async () => {
    for (let id = waiting.shift(); id !== undefined; id = waiting.shift()) {
      const original = mediaOf(id, tenant.acknowledged.get(id) ?? 0);
      expect(sha256(await tenant.decrypt(id)), `recording ${id}`).toBe(sha256(original));
    }
  };
  await Promise.all(Array.from({ length: DECRYPTED_AT_A_TIME }, work));
}
