import { SUBJECTS } from '@sealtrack/contracts/subjects';
import type { Assignment, Summarize } from '../domain/assigned-certificates.ts';
import type { AllSettings, SettingsStore } from '../ports.ts';
import type { BucketWatch } from './bucket-watch.ts';
import { decodeSettings, encodeSettings } from './entries.ts';

/** Profiles and screen settings in the bucket that encryptors watch. */
export function createKvSettings(
  watch: Pick<BucketWatch, 'kv' | 'onChange' | 'upToDate'>,
  summarize: Summarize,
): AllSettings & SettingsStore {
  const assignments = new Map<string, Assignment>();
  watch.onChange(({ key, settings }) => {
    if (settings === undefined) assignments.delete(key);
    else assignments.set(key, summarize(settings));
  });
  return {
    async list() {
      await watch.upToDate();
      return [...assignments.values()];
    },
    async change({ tenantId, holder }, change) {
      const key = SUBJECTS.profileKey(tenantId, holder);
      const entry = await watch.kv.get(key);
      if (entry === undefined) return false;
      const changed = change(decodeSettings(entry));
      if (changed === undefined) return false;
      // As large as it may be, an entry has room for this.
      await watch.kv.update(key, encodeSettings(changed, Number.POSITIVE_INFINITY), entry.revision);
      return true;
    },
  };
}
