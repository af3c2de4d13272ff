import type { IdentityProvider, PendingSignIns } from './ports.ts';

/** GET /oidc/start. @throws AppError SERVICE_UNAVAILABLE, INDEX_UNAVAILABLE, TOO_MANY_CALLS. */
export const createBeginProviderSignIn =
  (provider: IdentityProvider, pendings: PendingSignIns) =>
  async (to: string, client: string): Promise<{ readonly address: string; readonly token: string }> => {
    const { address, pending } = await provider.begin();
    return { address, token: await pendings.keep({ ...pending, to }, client) };
  };
