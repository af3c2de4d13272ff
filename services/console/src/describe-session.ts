import type { Access } from '@sealtrack/access/access';
import type { Session } from './api/session.ts';
import { csrfTokenOf } from './domain/csrf-token.ts';
import type { Person } from './person.ts';

export interface DescribeDeps {
  readonly access: Access;
  /** Every tenant that there is, asked on his behalf. */
  readonly listTenants: (person: Person, call: SessionCall) => Promise<readonly string[]>;
  readonly idleSeconds: number;
  readonly version: string;
  readonly isLocalSystem: boolean;
  readonly log: { warn(fields: object, message: string): void };
}

export interface SessionCall {
  readonly signal: AbortSignal;
  readonly traceparent: string;
}

export interface DescribedSession {
  readonly token: string;
  readonly person: Person;
  readonly endsAt: Date;
}

/** A session as its pages get it: who it is, and what he may do. */
export type DescribeSession = (session: DescribedSession, call: SessionCall) => Promise<Session>;

export function createDescribeSession(deps: DescribeDeps): DescribeSession {
  const { access, listTenants, log } = deps;
  return async ({ token, person, endsAt }, call) => {
    const { all, tenants: named } = access.actionsFor(person.names);
    const every =
      all.length === 0
        ? []
        : await listTenants(person, call).catch((err: unknown) => {
            // Signing in goes on: the pages say what is down, and whoever goes to a tenant by its address gets there.
            log.warn({ err }, 'tenants cannot be listed for somebody who is signed in');
            return [];
          });
    const ofNamed = new Map(named.map(({ tenantId, actions }) => [tenantId, actions]));
    const ids = [...new Set([...ofNamed.keys(), ...every])].sort();
    return {
      ...{ user: person.user, groups: person.groups, kind: person.kind },
      csrfToken: csrfTokenOf(token),
      tenants: ids.map((tenantId) => ({ tenantId, actions: ofNamed.get(tenantId) ?? all })),
      actions: all,
      endsAt: endsAt.toISOString(),
      ...{ idleSeconds: deps.idleSeconds, version: deps.version, isLocalSystem: deps.isLocalSystem },
    };
  };
}
