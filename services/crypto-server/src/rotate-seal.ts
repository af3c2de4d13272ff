import type { RotateSealResponse } from '@sealtrack/contracts/gen/sealtrack/seal/v1/seal';
import type { Keyring } from '@sealtrack/sealed-store/keyring';
import type { Log } from '@sealtrack/service-kit/logger';
import { toSealStatus } from './seal-status.ts';

/** Keys between two messages of progress: each takes about a millisecond. */
const STEP = 25;

/**
 * SealService.RotateSeal. Whoever asked may go away: what is left is done when somebody asks again, and nothing is lost
 * meanwhile. The copies in the backup folder follow when all are done.
 */
export function createRotateSeal(
  keyring: Pick<Keyring, 'rotateSeal' | 'status'>,
  renewBackups: (signal: AbortSignal) => Promise<void>,
  log: Log,
) {
  return async function* (signal: AbortSignal): AsyncGenerator<RotateSealResponse> {
    const message = (done: number, total: number): RotateSealResponse => ({
      done: BigInt(done),
      total: BigInt(total),
      status: toSealStatus(keyring.status()),
    });
    let last = { done: 0, total: 0 };
    log.info({}, 'sealing every private key anew');
    for await (const progress of keyring.rotateSeal(signal)) {
      last = progress;
      if (progress.done % STEP === 0) yield message(progress.done, progress.total);
    }
    await renewBackups(signal);
    log.info({ ...last, kek: keyring.status().currentKek }, 'every private key is sealed anew');
    yield message(last.done, last.total);
  };
}
