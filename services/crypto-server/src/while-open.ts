import { AppError } from '@sealtrack/errors/app-error';
import type { Keyring } from '@sealtrack/sealed-store/keyring';

/**
 * Handlers that answer SEALED while the keyring is not open, whether they need a private key or not: what a sealed
 * crypto server says has to be the same for everything.
 */
export function createWhileOpen(keyring: Pick<Keyring, 'status'>) {
  return <Args extends unknown[], Result>(handler: (...args: Args) => Result) =>
    (...args: Args): Result => {
      const { state, provider } = keyring.status();
      if (state !== 'open') throw sealed(state, provider);
      return handler(...args);
    };
}

const sealed = (state: 'sealed' | 'uninitialised', provider: 'key' | 'shamir') =>
  new AppError('SEALED', 'The crypto server is sealed: no private key can be used, and nothing changed', {
    fix:
      provider === 'key'
        ? 'Look into its log for why the unseal key did not open it; it tries again by itself. See where it stands: sealtrack seal status.'
        : state === 'sealed'
          ? 'Have the holders of its shares give them: sealtrack unseal.'
          : 'Make its shares: sealtrack seal init --shares 5 --threshold 3. Then give them: sealtrack unseal.',
    details: { state },
  });
