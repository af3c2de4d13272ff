import { AppError } from '@sealtrack/errors/app-error';
import { openFsStore } from '@sealtrack/media-store/fs-store';
import type { MediaStore } from '@sealtrack/media-store/media-store';
import { once } from '@sealtrack/media-store/read-all';
import { createStoreAttempts } from '../adapters/store-attempts.ts';
import { createStoreQuarantine } from '../adapters/store-quarantine.ts';
import { type CaptureHeader, parseCaptureHeader } from '../domain/capture-header.ts';
import { manifestKey } from '../domain/layout.ts';
import type { ProfileInForce } from '../domain/profile.ts';
import { createEncryptRecording } from '../encrypt-recording.ts';
import { findManifest } from '../find-manifest.ts';
import { createHealAttempts } from '../heal-attempts.ts';
import type { Announcer, HoldingKeys } from '../ports.ts';
import { createReleaseQuarantined } from '../release-quarantined.ts';
import { createReportLeftOut } from '../report-left-out.ts';
import { mortal } from './mortal.ts';

export const header = (recordingId: string, over: Partial<CaptureHeader> = {}): CaptureHeader => ({
  ...parseCaptureHeader({
    tenantId: 'demo',
    profileId: '101',
    recordingId,
    mediaId: '',
    contentType: 'audio/wav',
    mediaType: '',
    startedAt: new Date('2026-01-02T03:04:05Z'),
    attributes: { agent: '7' },
  }),
  ...over,
});
export const sound = Buffer.from('a short call');
export const media =
  (bytes: Uint8Array = sound) =>
  () =>
    Promise.resolve({ content: once(bytes) });
export const context = {
  signal: new AbortController().signal,
  traceparent: '',
  capturedAt: new Date('2026-01-02T03:09:10Z'),
};

export interface LogLine {
  readonly level: string;
  readonly text: string;
  readonly [field: string]: unknown;
}

/** One store and bus, and any number of encryptors that work with them. */
export async function newSystem(path: string, profile: ProfileInForce) {
  const store = await openFsStore(path);
  const said: string[] = [];
  const lines: LogLine[] = [];
  const bus = { up: true };
  const profiles = new Map([['101', profile]]);
  let now = new Date();
  const counts = { inQuarantine: -1, released: 0, leftOut: [] as string[] };

  const at = (level: string) => (fields: object, text: string) => void lines.push({ level, text, ...fields });
  const log = { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') } as never;
  const say = (text: string) => {
    if (!bus.up) throw new AppError('BUS_UNAVAILABLE', 'away', { fix: 'wait' });
    said.push(text);
  };
  const announcer: Announcer = {
    ready: () => bus.up,
    async stored({ recordingId, inClear, quarantine }) {
      say(`${inClear === undefined ? 'encrypted' : 'kept-in-clear'} ${recordingId}`);
      if (quarantine !== undefined) say(`quarantined ${recordingId} ${quarantine.reason}`);
    },
    async rewrapped({ recordingId, rewrappedAt }) {
      say(`rewrapped ${recordingId} ${rewrappedAt}`);
    },
  };

  function encryptor(
    over: { store?: MediaStore; announcer?: Announcer; holding?: HoldingKeys | undefined } = {},
  ) {
    const own = { store, announcer, ...over };
    const deps = {
      ...own,
      attempts: createStoreAttempts(own.store, log),
      quarantine: createStoreQuarantine(own.store, log),
      profiles: {
        find(_: unknown, profileId: string) {
          const found = profiles.get(profileId);
          if (found !== undefined) return found;
          throw new AppError('PROFILE_NOT_FOUND', profileId, { fix: '' });
        },
      },
      reportLeftOut: createReportLeftOut({
        log,
        clock: () => now,
        leftOut: { add: (_, { problem }) => void counts.leftOut.push(problem) },
      }),
      clock: () => now,
      isReady: announcer.ready,
      random: Math.random,
      inQuarantine: {
        set: (value: number) => {
          counts.inQuarantine = value;
        },
      },
      released: {
        add: (amount: number) => {
          counts.released += amount;
        },
      },
      log,
    };
    return {
      encrypt: createEncryptRecording(deps),
      heal: createHealAttempts(deps),
      sweep: createReleaseQuarantined({ ...deps, holding: over.holding }),
    };
  }

  return {
    store,
    said,
    lines,
    bus,
    profiles,
    encryptor,
    /** One that is killed after so many steps. */
    dying(steps: number, over: { holding?: HoldingKeys } = {}) {
      const dying = mortal(store, announcer, steps);
      return { ...encryptor({ ...dying, ...over }), isDead: dying.isDead };
    },
    later(ms: number) {
      now = new Date(now.getTime() + ms);
    },
    counts,
    manifest: async (recordingId: string) => {
      const { tenantId, recordingId: id } = header(recordingId);
      const found = await findManifest(store, manifestKey(tenantId, id));
      if (found === undefined) throw new Error(`no manifest of ${recordingId}`);
      return found;
    },
    /** With X for what is of chance. */
    keys: async () =>
      (await Array.fromAsync(store.list(''))).map((key) =>
        key.replace(/\.[0-9a-f]{24}\./, '.X.').replace(/\/[0-9a-f]{24}\./, '/X.'),
      ),
  };
}
