import { AppError } from '@sealtrack/errors/app-error';
import type { TenantId } from '@sealtrack/ids/ids';
import type { Log } from '@sealtrack/service-kit/logger';
import type { EnsureHoldingKey } from './ports.ts';

export interface MakeUpDeps {
  /** Tenants that have profiles or screen settings, and no holding key. */
  readonly withoutKey: () => readonly TenantId[];
  readonly ensureHoldingKey: EnsureHoldingKey;
  readonly log: Log;
}

/** For tenants of older versions, and whatever else left a tenant without a holding key. Never throws. */
export function createMakeUpHoldingKeys({ withoutKey, ensureHoldingKey, log }: MakeUpDeps) {
  return async (signal: AbortSignal): Promise<void> => {
    for (const tenantId of withoutKey()) {
      if (signal.aborted) return;
      try {
        await ensureHoldingKey(tenantId);
        log.info({ tenantId }, 'the tenant has a holding key now');
      } catch (err) {
        log.error(
          { err, tenantId },
          'the tenant has no holding key: without a usable certificate its recordings are refused',
        );
        // The others would be told the same.
        if (err instanceof AppError && err.eventVerdict === 'wait') return;
      }
    }
  };
}
