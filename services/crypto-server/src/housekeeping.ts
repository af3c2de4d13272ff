import { setTimeout as delay } from 'node:timers/promises';
import type { TenantId } from '@sealtrack/ids/ids';
import type { Keyring } from '@sealtrack/sealed-store/keyring';
import type { Log } from '@sealtrack/service-kit/logger';

export interface HousekeepingDeps {
  readonly keyring: Pick<Keyring, 'status'>;
  readonly renewBackups: (signal: AbortSignal) => Promise<void>;
  readonly purge: (tenants: AsyncIterable<TenantId>, signal: AbortSignal) => Promise<void>;
  readonly tenants: () => AsyncIterable<TenantId>;
  readonly log: Log;
}

const PAUSE_MS = 10 * 60 * 1000;
const FIRST_PAUSE_MS = 5_000;

/** What nobody waits for, now and again while the seal is open: copies that are missing, and deletions that are due. */
export function createHousekeeping({ keyring, renewBackups, purge, tenants, log }: HousekeepingDeps) {
  const attempt = async (what: string, work: () => Promise<void>) => {
    try {
      await work();
    } catch (err) {
      log.error({ err }, `${what} failed; trying again later`);
    }
  };
  return async (signal: AbortSignal): Promise<void> => {
    let pause = FIRST_PAUSE_MS;
    let isRenewed = false;
    while (!signal.aborted) {
      await delay(pause, undefined, { signal, ref: false }).catch(() => undefined);
      if (signal.aborted || keyring.status().state !== 'open') continue;
      pause = PAUSE_MS;
      if (!isRenewed)
        await attempt('copying to the backup folder', async () => {
          await renewBackups(signal);
          isRenewed = true;
        });
      await attempt('purging what was deleted', () => purge(tenants(), signal));
    }
  };
}
