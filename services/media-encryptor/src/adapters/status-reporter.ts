import { randomBytes } from 'node:crypto';
import type { Kv } from '@sealtrack/bus/kv';
import { EncryptorStatus } from '@sealtrack/contracts/gen/sealtrack/profiles/v1/profiles';
import type { Log } from '@sealtrack/service-kit/logger';
import { pause } from '@sealtrack/service-kit/pause';
import { createSleeper } from '../sleeper.ts';

export interface StatusReporterDeps {
  readonly kv: Pick<Kv, 'put' | 'delete' | 'list'>;
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

/** What one of this name said last that was killed. A second one that lives says it again. */
async function removeFormer(kv: StatusReporterDeps['kv'], instance: string, own: string): Promise<void> {
  for (const { key, revision } of await kv.list())
    if (key.startsWith(`${instance}.`) && key !== own) await kv.delete(key, revision).catch(() => {});
}

/** Says what this encryptor runs, until the signal aborts; then, that it is gone. Without the bus it says nothing. */
export async function reportStatus(deps: StatusReporterDeps, signal: AbortSignal): Promise<void> {
  const { kv, isConnected, status, changes, log } = deps;
  const sleeper = createSleeper();
  changes(sleeper.wake);
  // Of two with one name, as when a container is copied with its settings, neither may hide what the other runs.
  const process = randomBytes(4).toString('hex');
  let said: { readonly key: string; readonly revision: number } | undefined;
  let isAlone = false;
  while (!signal.aborted) {
    try {
      const value = status();
      const body = Buffer.from(JSON.stringify(EncryptorStatus.toJSON(value)));
      const key = `${value.instance}.${process}`;
      if (isConnected()) said = { key, revision: await kv.put(key, body) };
      if (said !== undefined && !isAlone) {
        await removeFormer(kv, value.instance, key);
        isAlone = true;
      }
    } catch (error) {
      log.warn({ err: error }, 'could not say what this encryptor runs; it is said again');
    }
    await pause(TOGETHER_MS, signal);
    await sleeper.sleep(EVERY_MS - TOGETHER_MS, signal);
  }
  if (said === undefined || !isConnected()) return;
  await kv
    .delete(said.key, said.revision)
    .catch((err) => log.warn({ err }, 'could not take back its status'));
}
