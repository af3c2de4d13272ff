import type { TenantId } from '@sealtrack/ids/ids';
import type { Keyring } from '@sealtrack/sealed-store/keyring';
import type { Log } from '@sealtrack/service-kit/logger';
import { type Pause, pause } from '@sealtrack/service-kit/pause';

export interface HousekeepingDeps {
  readonly keyring: Pick<Keyring, 'status'>;
  readonly renewBackups: (signal: AbortSignal) => Promise<void>;
  readonly purge: (tenants: AsyncIterable<TenantId>, signal: AbortSignal) => Promise<void>;
  readonly tenants: () => AsyncIterable<TenantId>;
  readonly log: Log;
  readonly wait?: Pause;
}

const PAUSE_MS = 10 * 60 * 1000;
const FIRST_PAUSE_MS = 5_000;

/** What nobody waits for, now and again while the seal is open: copies that are missing, and deletions that are due. */
export function createHousekeeping(deps: HousekeepingDeps) {
  const { keyring, renewBackups, purge, tenants, log, wait = pause } = deps;
  const attempt = async (what: string, work: () => Promise<void>) => {
    try {
      await work();
    } catch (err) {
      log.error({ err }, `${what} failed; trying again later`);
    }
  };
  return async (signal: AbortSignal): Promise<void> => {
    let ms = FIRST_PAUSE_MS;
    let isRenewed = false;
    while (!signal.aborted) {
      await wait(ms, signal);
      if (signal.aborted || keyring.status().state !== 'open') continue;
      ms = PAUSE_MS;
      if (!isRenewed)
        await attempt('copying to the backup folder', async () => {
          await renewBackups(signal);
          isRenewed = true;
        });
      await attempt('purging what was deleted', () => purge(tenants(), signal));
    }
  };
}
