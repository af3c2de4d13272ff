import { useEffect, useState, useSyncExternalStore } from 'react';
import { addressOf } from '../api-client.ts';
import type { LiveFilter } from './live-filter.ts';
import { createLiveStore, type Live, type LiveStore } from './live-store.ts';

/** Events a second that are looked at one by one; the rest is counted. */
const SAMPLE = '20';

/** Follows the events of a tenant that a filter lets through, as long as the page is there. */
export function useLive(
  tenant: string,
  { kind, text }: LiveFilter,
): readonly [Live | undefined, LiveStore | undefined] {
  const [store, setStore] = useState<LiveStore>();
  useEffect(() => {
    const query = { kind, text, sample: SAMPLE };
    const created = createLiveStore(addressOf('GET /tenants/:tenant/live', { tenant }, query));
    setStore(created);
    return () => {
      created.stop();
      setStore(undefined);
    };
  }, [tenant, kind, text]);
  const live = useSyncExternalStore(store?.subscribe ?? nothing, () => store?.current());
  return [live, store];
}

const nothing = () => () => {};
