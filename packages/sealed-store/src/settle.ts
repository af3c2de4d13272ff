import type { Ring } from './ring.ts';
import type { Draft } from './ring-keeper.ts';
import type { UnsealProvider, WrappedRoot } from './unseal-provider.ts';

/**
 * What there is to change in a keyring that was just opened: shares are proven by having opened it, and what is under a
 * previous key of the provider is wrapped under its current one.
 * @param given the form of the root that it was opened by.
 */
export async function settle(
  { record, root }: Ring,
  provider: UnsealProvider,
  given?: WrappedRoot,
): Promise<Draft | undefined> {
  const { wrapped, pending, unproven, ...kept } = record.root;
  const proven = pending !== undefined && pending.keyId === given?.keyId ? pending : undefined;
  const top = proven ?? wrapped;
  const isCurrent = provider.isCurrent(top);
  if (proven === undefined && unproven === undefined && isCurrent) return undefined;
  const waiting = pending === undefined || proven !== undefined ? {} : { pending };
  if (isCurrent) return { root: { ...kept, wrapped: top, ...waiting } };
  const bytes = root.key.export();
  try {
    return { root: { ...kept, wrapped: await provider.wrap(bytes, top), ...waiting } };
  } finally {
    bytes.fill(0);
  }
}
