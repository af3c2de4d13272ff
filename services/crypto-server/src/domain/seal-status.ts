import { type SealStatus, SealStatus_State } from '@sealtrack/contracts/gen/sealtrack/seal/v1/seal';
import type { KeyringStatus } from '@sealtrack/sealed-store/keyring';

const STATES = {
  uninitialised: SealStatus_State.UNINITIALIZED,
  sealed: SealStatus_State.SEALED,
  open: SealStatus_State.OPEN,
} as const;

/** The status of the keyring as it goes over the wire. */
export const toSealStatus = (status: KeyringStatus): SealStatus => ({
  state: STATES[status.state],
  provider: status.provider,
  shares: status.shares?.total ?? 0,
  threshold: status.shares?.threshold ?? 0,
  given: status.shares?.given ?? 0,
  rootId: status.rootId ?? '',
  unsealKeyId: status.unsealKeyId ?? '',
  kekNumber: status.currentKek ?? 0,
  rotationStartedAt: status.rotation === undefined ? undefined : new Date(status.rotation.startedAt),
  newThreshold: status.newShares?.threshold ?? 0,
  newGiven: status.newShares?.given ?? 0,
});
