import { Badge } from '../components/badge.tsx';
import { Time } from '../components/time.tsx';
import type { Connection } from './live-store.ts';

/** Whether what is shown is what is. */
export function ConnectionState({ connection }: { readonly connection: Connection | undefined }) {
  return (
    <span role="status" className="connection">
      {connection === undefined || connection.state === 'connecting' ? <Badge>connecting…</Badge> : null}
      {connection?.state === 'open' ? <Badge tone="good">live</Badge> : null}
      {connection?.state === 'lost' ? (
        <>
          <Badge tone="bad">not connected</Badge>{' '}
          <span className="muted small">
            since <Time at={connection.since.toISOString()} show="second" />; it is being tried again
          </span>
        </>
      ) : null}
    </span>
  );
}
