import { toAppError } from '@sealtrack/errors/app-error';
import type { Keyring } from '@sealtrack/sealed-store/keyring';
import type { Log } from '@sealtrack/service-kit/logger';
import { pause } from '@sealtrack/service-kit/pause';

const PAUSE_MS = 2_000;

/**
 * Looks after the keyring: opens it when that becomes possible (another server made it, the unseal key was put right),
 * and follows what other servers change. `onChange` is told after each look.
 */
export function createKeepOpen(keyring: Pick<Keyring, 'open'>, onChange: () => void, log: Log, wait = pause) {
  let said = '';

  /** Never throws: a crypto server that is sealed runs, and says so. */
  async function look(): Promise<void> {
    try {
      const { state } = await keyring.open();
      if (state !== said) log.info({ state }, state === 'open' ? 'the seal is open' : 'the seal is closed');
      said = state;
    } catch (err) {
      const { code } = toAppError(err);
      if (code !== said) log.error({ err }, 'the seal cannot be looked at, or does not open; trying again');
      said = code;
    }
    onChange();
  }

  return {
    look,
    async until(signal: AbortSignal): Promise<void> {
      while (!signal.aborted) {
        await wait(PAUSE_MS, signal);
        if (!signal.aborted) await look();
      }
    },
  };
}
