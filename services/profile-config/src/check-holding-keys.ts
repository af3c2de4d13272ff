import { AppError } from '@sealtrack/errors/app-error';
import type { TenantId } from '@sealtrack/ids/ids';
import type { Log } from '@sealtrack/service-kit/logger';
import type { HoldingDirectory, HoldingKeyStore } from './ports.ts';

export interface CheckHoldingKeysDeps {
  readonly withKey: () => readonly TenantId[];
  readonly keys: Pick<HoldingKeyStore, 'certificateId' | 'replace'>;
  readonly directory: HoldingDirectory;
  readonly log: Log;
}

/**
 * Whether what encryptors would seal to a tenant's holding key can be opened. It cannot when the crypto server lost the
 * key, as with a Redis that was put back to an earlier time: then the tenant gets another one. What was sealed to the lost one
 * opens again when the keys are restored.
 */
export function createCheckHoldingKeys({ withKey, keys, directory, log }: CheckHoldingKeysDeps) {
  async function check(tenantId: TenantId): Promise<void> {
    const certificateId = await keys.certificateId(tenantId);
    if (certificateId === undefined || (await directory.isHeld(tenantId, certificateId))) return;
    await keys.replace(certificateId, { tenantId, certificate: await directory.ensure(tenantId) });
    log.error(
      { tenantId, certificateId },
      'the private key of the holding key is lost, and the tenant has another one now: restore the keys, or what was held so far cannot be played',
    );
  }
  return async (signal: AbortSignal): Promise<void> => {
    for (const tenantId of withKey()) {
      if (signal.aborted) return;
      try {
        await check(tenantId);
      } catch (err) {
        log.error({ err, tenantId }, 'the holding key could not be checked; it is looked at again later');
        // The others would be told the same.
        if (err instanceof AppError && err.eventVerdict === 'wait') return;
      }
    }
  };
}
