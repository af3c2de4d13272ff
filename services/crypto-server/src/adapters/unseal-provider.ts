import { AppError } from '@sealtrack/errors/app-error';
import { createKeyProvider } from '@sealtrack/sealed-store/key-provider';
import { createShamirProvider } from '@sealtrack/sealed-store/shamir-provider';
import { parseUnsealKey } from '@sealtrack/sealed-store/unseal-key';
import type { UnsealProvider } from '@sealtrack/sealed-store/unseal-provider';
import type { Config } from '../config.ts';

/** Takes the keys out of the configuration, and zeroes them there. @throws AppError CONFIG_INVALID. */
export function createUnsealProvider({
  unsealWith,
  unsealKey,
  previousUnsealKey,
}: Pick<Config, 'unsealWith' | 'unsealKey' | 'previousUnsealKey'>): UnsealProvider {
  if (unsealWith === 'shamir') {
    if (unsealKey !== undefined || previousUnsealKey !== undefined) throw bothWays();
    return createShamirProvider();
  }
  if (unsealKey === undefined) throw keyMissing();
  try {
    return createKeyProvider({
      current: unsealKey.use((text) => parseUnsealKey(text, 'SEALTRACK_UNSEAL_KEY')),
      previous: previousUnsealKey?.use((text) => parseUnsealKey(text, 'SEALTRACK_UNSEAL_KEY_PREVIOUS')),
    });
  } finally {
    unsealKey[Symbol.dispose]();
    previousUnsealKey?.[Symbol.dispose]();
  }
}

const keyMissing = () =>
  new AppError('CONFIG_INVALID', 'There is no unseal key', {
    fix: 'Set SEALTRACK_UNSEAL_KEY_FILE (openssl rand 32 | basenc --base64url | tr -d = makes one), or SEALTRACK_UNSEAL_WITH=shamir.',
  });

const bothWays = () =>
  new AppError('CONFIG_INVALID', 'The seal is to be opened by shares, and an unseal key is set too', {
    fix: 'Unset SEALTRACK_UNSEAL_KEY and SEALTRACK_UNSEAL_KEY_PREVIOUS, or SEALTRACK_UNSEAL_WITH.',
  });
