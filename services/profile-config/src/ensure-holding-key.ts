import type { EnsureHoldingKey, HoldingDirectory, HoldingKeyStore } from './ports.ts';

/**
 * Before anything of a tenant is written that recordings could come for: a recording must never find a profile and
 * nothing to be sealed to. Killed in between, there is a holding key too many, which does no harm.
 */
export function createEnsureHoldingKey(
  keys: Pick<HoldingKeyStore, 'has' | 'add'>,
  directory: Pick<HoldingDirectory, 'ensure'>,
): EnsureHoldingKey {
  return async (tenantId) => {
    if (await keys.has(tenantId)) return;
    await keys.add({ tenantId, certificate: await directory.ensure(tenantId) });
  };
}
