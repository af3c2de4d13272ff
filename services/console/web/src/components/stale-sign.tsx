import { Badge } from './badge.tsx';
import { Time } from './time.tsx';

/** Says that changes of others do not arrive here: a small sign, in a place of its own, since one can go on working. */
export function StaleSign({ awaySince }: { readonly awaySince: Date | undefined }) {
  return (
    <span className="stale-sign" role="status">
      {awaySince === undefined ? null : (
        <span title="Changes of others do not arrive here at the moment. It is being tried again.">
          <Badge tone="warning">
            may be old, since <Time at={awaySince.toISOString()} show="relative" />
          </Badge>
        </span>
      )}
    </span>
  );
}
