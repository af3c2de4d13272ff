import { queryOptions, useQueryClient } from '@tanstack/react-query';
import { createContext, useContext } from 'react';
import { useParams } from 'react-router';
import type { Session } from '../../src/api/session.ts';
import { ask, rememberCsrfToken } from './api-client.ts';

/** Of the session, as of permissions everywhere (packages/access). */
export type Action = Session['actions'][number];

export const sessionQuery = queryOptions({
  queryKey: ['session'],
  queryFn: async ({ signal }) => {
    const session = await ask('GET /session', {}, { signal });
    rememberCsrfToken(session.user === null ? '' : session.csrfToken);
    return session;
  },
  staleTime: 60_000,
});

export const SessionContext = createContext<Session | undefined>(undefined);

/** Who is signed in, on pages within RequireSession. */
export function useSession(): Session {
  const session = useContext(SessionContext);
  if (session === undefined) throw new Error('This page is outside of RequireSession');
  return session;
}

/** Takes a session up that signing in was answered by, without what another one had asked for. */
export function useTakeSession(): (session: Session) => void {
  const client = useQueryClient();
  return (session) => {
    client.clear();
    rememberCsrfToken(session.csrfToken);
    client.setQueryData(sessionQuery.queryKey, session);
  };
}

/** Goes on with a session that has taken the place of one's own. */
export function useRenewSession(): (session: Session) => void {
  const client = useQueryClient();
  return (session) => {
    rememberCsrfToken(session.csrfToken);
    client.setQueryData(sessionQuery.queryKey, session);
  };
}

/** The tenant of the page, from its address. */
export function useTenant(): string {
  const { tenant } = useParams();
  if (tenant === undefined) throw new Error('This page is of no tenant');
  return tenant;
}

/** Whether the session may do it for the page's tenant; for pages of none, for all of them. */
export function useMay(): (action: Action) => boolean {
  const { tenant } = useParams();
  const session = useSession();
  return (action) => may(session, action, tenant);
}

export const may = (session: Session, action: Action, tenant?: string): boolean =>
  session.actions.includes(action) ||
  (tenant !== undefined &&
    session.tenants.some(({ tenantId, actions }) => tenantId === tenant && actions.includes(action)));
