import type { CertificateId } from '@sealtrack/ids/ids';
import type { Keyring } from '@sealtrack/sealed-store/keyring';
import type { Log } from '@sealtrack/service-kit/logger';
import { type Pause, pause } from '@sealtrack/service-kit/pause';
import type { HeldCertificates } from './ports.ts';

/** Where other crypto servers ask. */
export interface KeyRequests {
  /** From now on, for these certificates and no others. */
  takeFor(certificateIds: ReadonlySet<CertificateId>): void;
}

export interface HoldSubscriptionsDeps {
  readonly held: HeldCertificates;
  readonly requests: KeyRequests;
  readonly keyring: Pick<Keyring, 'status'>;
  readonly log: Log;
  readonly wait?: Pause;
}

const PAUSE_MS = 1_000;
const NONE: ReadonlySet<CertificateId> = new Set();

/**
 * Has this server asked for exactly the keys that it can use: those that are in its store while its seal is open, whoever put them
 * there or took them away. What cannot be told, because the store is away, stays as it was.
 */
export function createHoldSubscriptions(deps: HoldSubscriptionsDeps) {
  const { held, requests, keyring, log, wait = pause } = deps;
  const isOpen = () => keyring.status().state === 'open';
  let isAway = false;
  let finding: Promise<void> | undefined;

  async function find(): Promise<void> {
    try {
      const certificateIds = await held.now();
      if (isOpen()) requests.takeFor(certificateIds);
      isAway = false;
    } catch (err) {
      if (!isAway) log.warn({ err }, 'which keys are held here cannot be looked up; trying on');
      isAway = true;
    }
  }

  /** Never throws. One looks for all who want it at the same time. */
  async function look(): Promise<void> {
    if (!isOpen()) {
      requests.takeFor(NONE);
      return;
    }
    finding ??= find().finally(() => {
      finding = undefined;
    });
    await finding;
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
