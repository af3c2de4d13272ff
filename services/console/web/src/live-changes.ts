import { type QueryClient, useQueryClient } from '@tanstack/react-query';
import { useEffect, useRef, useState } from 'react';
import type { Changes } from '../../src/api/live.ts';
import { addressOf } from './api-client.ts';
import { may, useSession } from './session.ts';
import { useIsShown } from './use-is-shown.ts';

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
const RETRY_MS = 5000;

/**
 * Follows what changes for a tenant, so that pages are read anew. The result says since when it cannot: what is shown may be old
 * then. Whatever was missed meanwhile is asked for as soon as it can again. A page that nobody sees does not follow: a browser has six
 * connections to a server, and each page in another tab would take one of them.
 */
export function useLiveChanges(tenant: string | undefined): Date | undefined {
  const client = useQueryClient();
  const session = useSession();
  const [awaySince, setAway] = useState<Date>();
  const isAllowed = tenant !== undefined && READS.some((action) => may(session, action, tenant));
  const isShown = useIsShown();
  const hasMissed = useRef(false);
  useEffect(() => {
    if (tenant === undefined || !isAllowed || !isShown) return;
    const stop = follow(client, tenant, hasMissed.current, (isThere) =>
      setAway((since) => (isThere ? undefined : (since ?? new Date()))),
    );
    hasMissed.current = true;
    return () => {
      stop();
      setAway(undefined);
    };
  }, [client, tenant, isAllowed, isShown]);
  return awaySince;
}

function follow(
  client: QueryClient,
  tenant: string,
  hasMissed: boolean,
  say: (isThere: boolean) => void,
): () => void {
  let source: EventSource | undefined;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let wasAway = hasMissed;
  const open = () => {
    source = new EventSource(addressOf('GET /tenants/:tenant/changes', { tenant }));
    source.onopen = () => {
      if (wasAway) void client.invalidateQueries({ predicate: ({ queryKey }) => queryKey[1] === tenant });
      wasAway = false;
      say(true);
    };
    source.onmessage = ({ data }: MessageEvent<string>) => {
      for (const group of groupsOf(kindsIn(data)))
        void client.invalidateQueries({ queryKey: [group, tenant] });
    };
    source.onerror = () => {
      wasAway = true;
      say(false);
      // It tries again by itself, unless it was refused: then the session may have ended.
      if (source?.readyState !== EventSource.CLOSED) return;
      void client.invalidateQueries({ queryKey: ['session'] });
      timer = setTimeout(open, RETRY_MS);
    };
  };
  open();
  return () => {
    clearTimeout(timer);
    source?.close();
  };
}

function kindsIn(data: string): readonly string[] {
  try {
    const { kinds } = JSON.parse(data) as Changes;
    return kinds;
  } catch {
    return [];
  }
}
