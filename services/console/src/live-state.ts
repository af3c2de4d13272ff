import type { Action } from '@sealtrack/access/access';
import type { TenantId } from '@sealtrack/ids/ids';
import type { RpcCallOptions } from '@sealtrack/rpc/client';
import type { Log } from '@sealtrack/service-kit/logger';
import type { LiveState, SealState } from './api/live.ts';
import type { Certificates } from './ports.ts';
import { createRemembered } from './remember.ts';
import type { HealthWatch } from './watch-health.ts';

/** What the bus knows. Errors: BUS_UNAVAILABLE. */
export interface BusState {
  /** What waits for the encryptors, and for the index; null where nobody has ever consumed it. */
  backlog(): Promise<LiveState['backlog']>;
  /** Of the tenant. */
  countDeadLetters(tenantId: TenantId): Promise<number>;
}

/** Of each crypto server. Never fails: one that does not answer is "unknown". */
export type AskSeals = (call: RpcCallOptions) => Promise<readonly SealState[]>;

export interface LiveStateDeps {
  readonly busState: BusState;
  readonly certificates: Pick<Certificates, 'listCertificates'>;
  readonly askSeals: AskSeals;
  readonly health: Pick<HealthWatch, 'all'>;
  readonly now: () => Date;
  readonly log: Pick<Log, 'debug'>;
}

export interface StateRequest {
  readonly tenantId: TenantId;
  /** What the person may do for the tenant, and without one for all, as it is now. */
  readonly may: (action: Action, tenantId: TenantId | undefined) => boolean;
  /** On the person's behalf. */
  readonly call: RpcCallOptions & { readonly signal: AbortSignal };
}

const BUS_MS = 2_000;
const SEALS_MS = 5_000;
const EXPIRING_MS = 60_000;
const EXPIRING_WITHIN_MS = 30 * 24 * 3_600_000;
const SHOWN = 20;

/**
 * How a tenant's system is at the moment, as far as the person may know. What several people ask for within some seconds is asked of the
 * services once. Never fails: what cannot be found out is null.
 */
export function createLiveState(deps: LiveStateDeps): (request: StateRequest) => Promise<LiveState> {
  const { busState, askSeals, health, log } = deps;
  const now = () => deps.now().getTime();
  const backlogs = createRemembered<LiveState['backlog']>(BUS_MS, now);
  const deadLetters = createRemembered<number>(BUS_MS, now);
  const expiring = createRemembered<NonNullable<LiveState['expiring']>>(EXPIRING_MS, now);
  const seals = createRemembered<readonly SealState[]>(SEALS_MS, now);
  const orElse = <T, E>(work: Promise<T>, otherwise: E): Promise<T | E> =>
    work.catch((err: unknown) => {
      log.debug({ err }, 'a part of the state cannot be found out');
      return otherwise;
    });
  return async ({ tenantId, may, call }) => {
    const [backlog, letters, certificates, sealStates] = await Promise.all([
      orElse(
        backlogs.get('', () => busState.backlog()),
        { captures: null, events: null },
      ),
      orElse(
        deadLetters.get(tenantId, () => busState.countDeadLetters(tenantId)),
        null,
      ),
      may('certificate.read', tenantId)
        ? orElse(
            expiring.get(tenantId, () => findExpiring(deps, tenantId, call)),
            null,
          )
        : null,
      may('seal.read', undefined)
        ? orElse(
            seals.get('', () => askSeals(call)),
            null,
          )
        : null,
    ]);
    return {
      ...{ backlog, deadLetters: letters, expiring: certificates, seals: sealStates },
      services: health.all(),
    };
  };
}

/** Those with a private key or without: a certificate that has ended encrypts nothing more. */
async function findExpiring(
  { certificates, now }: LiveStateDeps,
  tenantId: TenantId,
  call: StateRequest['call'],
): Promise<NonNullable<LiveState['expiring']>> {
  const found = await certificates.listCertificates(
    {
      ...{ tenantId, pageSize: SHOWN * 2, pageToken: '', query: '', includeDeleted: false },
      expiresBefore: new Date(now().getTime() + EXPIRING_WITHIN_MS),
    },
    call,
  );
  return found.certificates
    .filter(({ holding }) => !holding)
    .slice(0, SHOWN)
    .map(({ certificateId, alias, notAfter }) => ({
      ...{ certificateId, alias },
      notAfter: (notAfter ?? new Date(0)).toISOString(),
    }));
}
