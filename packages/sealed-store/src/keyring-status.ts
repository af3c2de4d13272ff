import type { KeyringStatus, RotationProgress, ShareStatus } from './keyring.ts';
import type { KeyringRecord } from './keyring-record.ts';
import { setOf } from './shamir-provider.ts';
import type { UnsealProvider, WrappedRoot } from './unseal-provider.ts';

export function statusOf(
  record: KeyringRecord | undefined,
  { isOpen, provider, progress }: StatusSources,
): KeyringStatus {
  if (record === undefined) return { state: 'uninitialised', provider: provider.kind };
  const { root, current, revision, rotation } = record;
  const shares = sharesOf(root.wrapped, provider);
  const newShares = root.pending && sharesOf(root.pending, provider);
  const far = progress?.kek === current ? { done: progress.done, total: progress.total } : {};
  return {
    state: isOpen ? 'open' : 'sealed',
    provider: provider.kind,
    rootId: root.id,
    unsealKeyId: root.wrapped.keyId,
    currentKek: current,
    revision,
    ...(shares === undefined ? {} : { shares }),
    ...(newShares === undefined ? {} : { newShares }),
    ...(root.unproven === undefined ? {} : { unproven: true }),
    ...(rotation === undefined ? {} : { rotation: { startedAt: rotation.startedAt, ...far } }),
  };
}

interface StatusSources {
  readonly isOpen: boolean;
  readonly provider: UnsealProvider;
  readonly progress: RotationProgress | undefined;
}

const sharesOf = (wrapped: WrappedRoot, provider: UnsealProvider): ShareStatus | undefined =>
  wrapped.shares && {
    ...wrapped.shares,
    set: setOf(wrapped),
    given: provider.shares?.given(wrapped) ?? 0,
  };
