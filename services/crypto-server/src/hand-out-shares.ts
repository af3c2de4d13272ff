import type { Split } from '@sealtrack/sealed-store/unseal-provider';

/**
 * SealService.InitializeSeal and RenewShares. The shares are encoded after this has returned, so they cannot be zeroed
 * here: they are in memory until that is collected, as they are with whoever asked for them.
 */
export const createHandOutShares =
  (make: (split: Split) => Promise<Buffer[]>) =>
  async ({ shares, threshold }: { readonly shares: number; readonly threshold: number }) => ({
    shares: await make({ total: shares, threshold }),
  });
