import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Kv, KvEntry } from '@sealtrack/bus/kv';
import { IvrProfile, ScreenSettings } from '@sealtrack/contracts/gen/sealtrack/profiles/v1/profiles';
import { SUBJECTS } from '@sealtrack/contracts/subjects';
import { isProfileId, isTenantId } from '@sealtrack/ids/ids';
import type { Log } from '@sealtrack/service-kit/logger';
import { type Assignment, SCREEN, type Settings, type Summarize } from '../domain/assigned-certificates.ts';
import type { AllSettings, SettingsStore } from '../watch-ports.ts';

/** Reading one takes up to a tenth of a millisecond. */
const READ_A_TURN = 50;

interface Known {
  readonly revision: number;
  /** Undefined when it cannot be read. */
  readonly assignment: Assignment | undefined;
}

/** Profiles and screen settings in the bucket that encryptors watch. An entry is read again when it has changed. */
export function createKvSettings(
  kv: Pick<Kv, 'list' | 'get' | 'update'>,
  summarize: Summarize,
  log: Log,
): AllSettings & SettingsStore {
  let known = new Map<string, Known>();
  let reading: Promise<readonly Assignment[]> | undefined;

  function read({ key, value, revision }: KvEntry): Known {
    try {
      return { revision, assignment: summarize(decode(key, value)) };
    } catch (err) {
      log.error({ err, key, revision }, 'an entry cannot be read: its certificates are not watched');
      return { revision, assignment: undefined };
    }
  }

  async function readAll(): Promise<readonly Assignment[]> {
    const entries = (await kv.list()).filter(({ key }) => !isHoldingKey(key));
    const now = new Map<string, Known>();
    let count = 0;
    for (const entry of entries) {
      const before = known.get(entry.key);
      const isSame = before?.revision === entry.revision;
      now.set(entry.key, isSame ? before : read(entry));
      if (!isSame && ++count % READ_A_TURN === 0) await nextTurn();
    }
    known = now;
    return [...now.values()].flatMap(({ assignment }) => assignment ?? []);
  }

  return {
    // One reads for all who ask at the same time.
    list() {
      reading ??= readAll().finally(() => {
        reading = undefined;
      });
      return reading;
    },

    async change({ tenantId, holder }, change) {
      const key = SUBJECTS.profileKey(tenantId, holder);
      const entry = await kv.get(key);
      if (entry === undefined) return false;
      const changed = change(decode(key, entry.value));
      if (changed === undefined) return false;
      await kv.update(key, encode(changed), entry.revision);
      return true;
    },
  };
}

const isHoldingKey = (key: string): boolean => key === SUBJECTS.holdingKey(key.split('.')[0] ?? '');

/** Tenant and profile are those of the key, as encryptors take them. */
function decode(key: string, value: Uint8Array): Settings {
  const [tenantId = '', holder = '', ...more] = key.split('.');
  const isKnown = isTenantId(tenantId) && (holder === SCREEN || isProfileId(holder)) && more.length === 0;
  if (!isKnown) throw new Error('the key is not one of a profile or of screen settings');
  const json: unknown = JSON.parse(Buffer.from(value).toString());
  if (holder === SCREEN) return { kind: 'screen', value: { ...ScreenSettings.fromJSON(json), tenantId } };
  return { kind: 'profile', value: { ...IvrProfile.fromJSON(json), tenantId, profileId: holder } };
}

/** The revision is the entry's own. */
const encode = (settings: Settings): Buffer =>
  Buffer.from(
    JSON.stringify(
      settings.kind === 'screen'
        ? ScreenSettings.toJSON({ ...settings.value, revision: 0n })
        : IvrProfile.toJSON({ ...settings.value, revision: 0n }),
    ),
  );
