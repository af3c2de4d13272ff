import type { Access } from '@sealtrack/access/access';
import { may } from '@sealtrack/access/may';
import type { RedisClient } from '@sealtrack/redis/connect';
import type { Log } from '@sealtrack/service-kit/logger';
import { createAcceptInvitation } from './accept-invitation.ts';
import { createRecordAccount } from './account-records.ts';
import type { Handlers } from './adapters/handler.ts';
import { createOpenidProvider, type OpenidSettings } from './adapters/openid-provider.ts';
import { createRedisAccounts } from './adapters/redis-accounts.ts';
import { createRedisLinks } from './adapters/redis-links.ts';
import { createRedisPendingSignIns } from './adapters/redis-pending-sign-ins.ts';
import { createRedisSessions, type SessionLimits } from './adapters/redis-sessions.ts';
import { createRedisThrottle } from './adapters/redis-throttle.ts';
import { createAccountHandlers } from './adapters/routes/accounts.ts';
import { createProviderHandlers } from './adapters/routes/provider.ts';
import { createSessionHandlers } from './adapters/routes/session.ts';
import { createScryptPasswords, type ScryptCost } from './adapters/scrypt-passwords.ts';
import { createBeginProviderSignIn } from './begin-provider-sign-in.ts';
import { createChangeAccount } from './change-account.ts';
import { createChangePassword } from './change-password.ts';
import { createCreateAccount } from './create-account.ts';
import { createDescribeSession, type DescribeDeps } from './describe-session.ts';
import { namesOf, type StoredAccount } from './domain/account.ts';
import { createFinishProviderSignIn } from './finish-provider-sign-in.ts';
import { createInviteAccount } from './invite-account.ts';
import { offerSetup } from './offer-setup.ts';
import { createOpenSession } from './open-session.ts';
import type { AccountTrail } from './ports.ts';
import { createRemoveAccount } from './remove-account.ts';
import { createSetUp } from './set-up.ts';
import { createSignIn } from './sign-in.ts';
import { createSignOut } from './sign-out.ts';

export interface PeopleDeps {
  readonly redis: RedisClient;
  readonly trail: AccountTrail;
  readonly access: Access;
  readonly limits: SessionLimits;
  readonly describe: Pick<DescribeDeps, 'listTenants' | 'version' | 'isLocalSystem'>;
  readonly provider: OpenidSettings | undefined;
  /** https://console.example. */
  readonly origin: () => string;
  /** Milliseconds since 1970. */
  readonly clock: () => number;
  /** Of hashes of passwords; the usual one unless told. */
  readonly cost?: ScryptCost | undefined;
  /** Called once the first account is made. */
  readonly onSetUp: () => Promise<void>;
  readonly log: Log;
}

/** Who signs in, how, and who may. */
export function createPeople(deps: PeopleDeps) {
  const { redis, access, limits, origin, clock, log } = deps;
  const now = () => new Date(clock());
  const linkFor = (path: string) => `${origin()}${path}`;
  const record = createRecordAccount(deps.trail);
  const accounts = createRedisAccounts(redis);
  const sessions = createRedisSessions(redis, limits, clock);
  const links = createRedisLinks(redis, clock);
  const pendings = createRedisPendingSignIns(redis, clock);
  const throttle = createRedisThrottle(redis, clock);
  const passwords = createScryptPasswords(deps.cost);
  const openSession = createOpenSession(sessions, record);
  const isAdministrator = (account: Pick<StoredAccount, 'name' | 'groups'>) =>
    may(access, namesOf(account), 'account.manage', undefined);
  const provider =
    deps.provider &&
    createOpenidProvider(deps.provider, {
      callback: () => linkFor('/api/v1/oidc/callback'),
      onDropped: (groups) =>
        log.warn(
          { groups },
          'the identity provider names groups that no access policy can name, which do not count',
        ),
    });
  const parts = { accounts, sessions, links, throttle, passwords, record, openSession };
  const setUp = createSetUp({ ...parts, now });
  const setUpAndTell: typeof setUp = async (asked) => {
    const session = await setUp(asked);
    await deps.onSetUp();
    return session;
  };
  const describe = createDescribeSession({ ...deps.describe, access, idleSeconds: limits.idleSeconds, log });
  const groups: readonly Handlers[] = [
    createSessionHandlers({
      ...{ sessions, describe, provider: provider?.name },
      signIn: createSignIn(parts),
      signOut: createSignOut(sessions, record, log),
      changePassword: createChangePassword(parts),
      setUp: setUpAndTell,
      acceptInvitation: createAcceptInvitation(parts),
      isSetUp: accounts.any,
    }),
    createProviderHandlers({
      ...{ sessions, origin, log },
      begin: provider && createBeginProviderSignIn(provider, pendings),
      finish: provider && createFinishProviderSignIn({ ...parts, provider, pendings, now }),
    }),
    createAccountHandlers({
      accounts,
      create: createCreateAccount({ ...parts, linkFor, now }),
      invite: createInviteAccount({ ...parts, linkFor }),
      change: createChangeAccount({ ...parts, isAdministrator }),
      remove: createRemoveAccount({ ...parts, isAdministrator }),
    }),
  ];
  return { groups, findSession: sessions.find, offerSetup: () => offerSetup(accounts, links, linkFor) };
}
