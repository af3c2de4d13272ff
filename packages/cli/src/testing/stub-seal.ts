import {
  SealServiceDefinition,
  SealStatus,
  SealStatus_State,
} from '@sealtrack/contracts/gen/sealtrack/seal/v1/seal';
import { AppError } from '@sealtrack/errors/app-error';
import { implement } from '@sealtrack/rpc/server';

export interface StubSeal {
  status: SealStatus;
  /** What was given to Unseal. */
  readonly given: string[];
  /** Private keys that a rotation goes over; it breaks off after the number, if one is told. */
  keys: number;
  breaksAfter: number | undefined;
}

export const openSeal = (): SealStatus =>
  SealStatus.fromPartial({
    state: SealStatus_State.OPEN,
    ...{ provider: 'shamir', shares: 5, threshold: 3, rootId: 'a1b2c3d4', kekNumber: 7, unsealKeyId: 'e5f6' },
  });

export const sealedSeal = (): SealStatus =>
  SealStatus.fromPartial({
    state: SealStatus_State.SEALED,
    ...{ provider: 'shamir', shares: 5, threshold: 3 },
  });

export const createStubSeal = (): StubSeal => ({
  ...{ status: openSeal(), given: [], keys: 3, breaksAfter: undefined },
});

const shareTexts = (count: number): Buffer[] =>
  Array.from({ length: count }, (_, at) => Buffer.from(`sts1-0badcafe-${at + 1}`));

/** A share is right when it begins as the ones that it hands out. */
export function stubSealService(seal: StubSeal) {
  return implement(SealServiceDefinition, {
    getSealStatus: async () => ({ status: seal.status }),
    initializeSeal: async ({ shares, threshold }) => {
      seal.status = { ...sealedSeal(), shares, threshold };
      return { shares: shareTexts(shares) };
    },
    renewShares: async ({ shares, threshold }) => {
      seal.status = { ...seal.status, newThreshold: threshold, newGiven: 0 };
      return { shares: shareTexts(shares) };
    },
    unseal: async ({ share }) => {
      seal.given.push(share.toString());
      if (!share.toString().startsWith('sts1-0badcafe-'))
        throw new AppError('UNSEAL_SHARE_INVALID', 'This is not a share that can be used', {
          fix: 'Type the share again.',
        });
      seal.status = afterShare(seal.status);
      return { status: seal.status };
    },
    rotateSeal: async function* () {
      for (let done = 0; done < seal.keys; done += 1) {
        if (done === seal.breaksAfter)
          throw new AppError('SEAL_BROKEN', 'A private key does not open', { fix: 'Restore it.' });
        yield { done: BigInt(done), total: BigInt(seal.keys), status: seal.status };
      }
      seal.status = { ...seal.status, kekNumber: seal.status.kekNumber + 1 };
      yield { done: BigInt(seal.keys), total: BigInt(seal.keys), status: seal.status };
    },
    rotateRoot: async () => {
      seal.status = { ...seal.status, rootId: 'newroot1' };
      return { status: seal.status };
    },
  });
}

function afterShare(status: SealStatus): SealStatus {
  if (status.newThreshold > 0) {
    const newGiven = status.newGiven + 1;
    return newGiven < status.newThreshold
      ? { ...status, newGiven }
      : { ...status, newThreshold: 0, newGiven: 0 };
  }
  const given = status.given + 1;
  return given < status.threshold ? { ...status, given } : openSeal();
}
