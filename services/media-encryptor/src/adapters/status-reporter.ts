import { randomBytes } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import type { Kv } from '@sealtrack/bus/kv';
import { EncryptorStatus } from '@sealtrack/contracts/gen/sealtrack/profiles/v1/profiles';
import type { Log } from '@sealtrack/service-kit/logger';
import { createSleeper } from '../sleeper.ts';

export interface StatusReporterDeps {
  readonly kv: Pick<Kv, 'put' | 'delete'>;
  readonly isConnected: () => boolean;
  readonly status: () => EncryptorStatus;
  /** Calls back whenever there may be another status. */
  readonly changes: (listener: () => void) => void;
  readonly log: Log;
}

/** While nothing changes. Whoever reads takes an encryptor for silent that said nothing for much longer. */
const EVERY_MS = 10_000;
/** Of many changes, those of such a time are said at once. */
const TOGETHER_MS = 200;

/** Says what this encryptor runs, until the signal aborts; then, that it is gone. Without the bus it says nothing. */
export async function reportStatus(deps: StatusReporterDeps, signal: AbortSignal): Promise<void> {
  const { kv, isConnected, status, changes, log } = deps;
  const sleeper = createSleeper();
  changes(sleeper.wake);
  // Of two with one name, as when a container is copied with its settings, neither may hide what the other runs.
  const process = randomBytes(4).toString('hex');
  let said: { readonly key: string; readonly revision: number } | undefined;
  while (!signal.aborted) {
    try {
      const value = status();
      const body = Buffer.from(JSON.stringify(EncryptorStatus.toJSON(value)));
      const key = `${value.instance}.${process}`;
      if (isConnected()) said = { key, revision: await kv.put(key, body) };
    } catch (error) {
      log.warn({ err: error }, 'could not say what this encryptor runs; it is said again');
    }
    await delay(TOGETHER_MS, undefined, { signal }).catch(() => {});
    await sleeper.sleep(EVERY_MS - TOGETHER_MS, signal);
  }
  if (said === undefined || !isConnected()) return;
  await kv
    .delete(said.key, said.revision)
    .catch((err) => log.warn({ err }, 'could not take back its status'));
}
