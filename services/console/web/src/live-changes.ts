import { type QueryClient, useQueryClient } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import type { Changes } from '../../src/api/live.ts';
import { addressOf } from './api-client.ts';
import { may, useSession } from './session.ts';
import { followShared } from './shared-stream.ts';

/**
 * The first part of the keys of queries that a kind of event makes old. Keys are [what, tenant, …]. Profiles count with certificates, since
 * lists of these say how many profiles use each.
 */
const OLD: Readonly<Record<string, readonly string[]>> = {
  certificate: ['certificates', 'profiles', 'screen'],
  profile: ['profiles', 'certificates', 'rollout'],
  'screen-settings': ['screen', 'profiles', 'certificates', 'rollout'],
  recording: ['recordings'],
  capture: ['recordings', 'failed-captures', 'dead-letters'],
};

/** What is to be asked for anew after events of these kinds. */
export const groupsOf = (kinds: readonly string[]): string[] => [
  ...new Set(kinds.flatMap((kind) => OLD[kind.split('.')[0] ?? ''] ?? [])),
];

/** Any of them: whoever may read something is told of it. */
const READS = ['certificate.read', 'profile.read', 'recording.read', 'event.read'] as const;

/**
 * Follows what changes for a tenant, so that pages are read anew. The result says since when it cannot: what is shown may be old
 * then. Whatever was missed meanwhile is asked for as soon as it can again.
 */
export function useLiveChanges(tenant: string | undefined): Date | undefined {
  const client = useQueryClient();
  const session = useSession();
  const [awaySince, setAway] = useState<Date>();
  const isAllowed = tenant !== undefined && READS.some((action) => may(session, action, tenant));
  useEffect(() => {
    if (tenant === undefined || !isAllowed) return;
    const stop = follow(client, tenant, (isThere) =>
      setAway((since) => (isThere ? undefined : (since ?? new Date()))),
    );
    return () => {
      stop();
      setAway(undefined);
    };
  }, [client, tenant, isAllowed]);
  return awaySince;
}

function follow(client: QueryClient, tenant: string, say: (isThere: boolean) => void): () => void {
  let wasAway = false;
  const all = () => void client.invalidateQueries({ predicate: ({ queryKey }) => queryKey[1] === tenant });
  return followShared(addressOf('GET /tenants/:tenant/changes', { tenant }), {
    onMessage: (data) => {
      for (const group of groupsOf(kindsIn(data)))
        void client.invalidateQueries({ queryKey: [group, tenant] });
    },
    onState: (isThere) => {
      if (isThere && wasAway) all();
      wasAway = !isThere;
      say(isThere);
    },
    onGap: all,
    // The session may have ended.
    onRefused: () => void client.invalidateQueries({ queryKey: ['session'] }),
  });
}

function kindsIn(data: string): readonly string[] {
  try {
    const { kinds } = JSON.parse(data) as Changes;
    return kinds;
  } catch {
    return [];
  }
}
