import type { Bus } from '@sealtrack/bus/bus';
import { openKv } from '@sealtrack/bus/kv';
import { publishEvent } from '@sealtrack/bus/publish';
import { ensureStreams } from '@sealtrack/bus/streams';
import { tailEvents } from '@sealtrack/bus/tail';
import { EVENT_KINDS } from '@sealtrack/contracts/event-kinds';
import {
  AssignedCertificate,
  IvrProfile,
  MediaSettings,
  ScreenSettings,
} from '@sealtrack/contracts/gen/sealtrack/profiles/v1/profiles';
import { BUCKETS, SUBJECTS } from '@sealtrack/contracts/subjects';
import { collectingLog } from '@sealtrack/rpc/testing';
import type { Pause } from '@sealtrack/service-kit/pause';
import { type BucketWatch, createBucketWatch } from '../adapters/bucket-watch.ts';
import { createBusCertificateAnnouncer } from '../adapters/bus-certificate-announcer.ts';
import { createKvNotices } from '../adapters/kv-notices.ts';
import { createKvSettings } from '../adapters/kv-settings.ts';
import { createSummarize } from '../domain/assigned-certificates.ts';

export const DAY_MS = 24 * 60 * 60 * 1000;
export const NOW = new Date('2026-06-01T12:00:00Z');
export const inDays = (days: number): Date => new Date(NOW.getTime() + days * DAY_MS);
export const idOf = (letter: string): string => letter.repeat(64);

/** One that is valid now, and for `days` more. */
export const certificate = (
  letter: string,
  days: number,
  more: Partial<AssignedCertificate> = {},
): AssignedCertificate =>
  AssignedCertificate.fromPartial({
    ...{ certificateId: idOf(letter), alias: letter, notBefore: inDays(-1000), notAfter: inDays(days) },
    ...more,
  });

export const list = (...certificates: AssignedCertificate[]): MediaSettings =>
  MediaSettings.fromPartial({ certificates });

export const profile = (
  tenantId: string,
  profileId: string,
  certificates: AssignedCertificate[],
  more: Partial<IvrProfile> = {},
): IvrProfile => IvrProfile.fromPartial({ tenantId, profileId, name: 'Sales', certificates, ...more });

const processes: BucketWatch[] = [];

/** What a test saves is known to every process by the next round. */
async function saved(writing: Promise<number>): Promise<number> {
  const revision = await writing;
  for (const { wrote } of processes) wrote(revision);
  return revision;
}

/** What the watches work with, on a real bus; each call is another process. */
export async function watchParts(bus: Bus) {
  await ensureStreams(bus);
  const kv = openKv(bus, BUCKETS.profiles, { conflictCode: 'PROFILE_CONFLICT' });
  const noticesKv = openKv(bus, BUCKETS.notices);
  const log = collectingLog();
  const watch = createBucketWatch(kv, log);
  const settings = createKvSettings(watch, createSummarize());
  // It ends with the bus.
  watch.follow(new AbortController().signal).catch(() => {});
  processes.push(watch);
  return {
    ...{ kv, log, notices: createKvNotices(noticesKv), announcer: createBusCertificateAnnouncer(bus) },
    ...{ watch, settings },
    saveProfile: (value: IvrProfile) =>
      saved(kv.put(SUBJECTS.profileKey(value.tenantId, value.profileId), json(IvrProfile.toJSON(value)))),
    saveScreen: (tenantId: string, ...certificates: AssignedCertificate[]) =>
      saved(
        kv.put(
          SUBJECTS.screenKey(tenantId),
          json(ScreenSettings.toJSON(ScreenSettings.fromPartial({ tenantId, certificates }))),
        ),
      ),
    async profileOf(tenantId: string, profileId: string): Promise<IvrProfile> {
      const entry = await kv.get(SUBJECTS.profileKey(tenantId, profileId));
      return IvrProfile.fromJSON(JSON.parse(Buffer.from(entry?.value ?? []).toString()));
    },
    async screenOf(tenantId: string): Promise<ScreenSettings> {
      const entry = await kv.get(SUBJECTS.screenKey(tenantId));
      return ScreenSettings.fromJSON(JSON.parse(Buffer.from(entry?.value ?? []).toString()));
    },
  };
}

const json = (value: unknown): Buffer => Buffer.from(JSON.stringify(value));

let ends = 0;

/** What was said of a tenant's certificates up to now: of "expiring", the days. */
export async function saidOf(bus: Bus, tenantId: string) {
  ends += 1;
  const id = `the end ${ends}`;
  const subject = SUBJECTS.event(tenantId, 'certificate', 'imported');
  const data = { tenantId, certificateId: '', keyId: '', alias: '' };
  await publishEvent(bus, { subject, kind: EVENT_KINDS.certificateImported, id, source: 'test', data });
  const stop = new AbortController();
  const all = tailEvents(bus, {
    ...{ subject: SUBJECTS.event(tenantId, 'certificate', '*'), from: 'start', signal: stop.signal },
  });
  const said: { happened: string; data: Record<string, unknown> }[] = [];
  for await (const event of all) {
    if (event.headers['ce-id'] === encodeURIComponent(id)) break;
    if (event.subject === subject) continue;
    said.push({ happened: event.subject.split('.').at(-1) ?? '', data: JSON.parse(event.body) });
  }
  stop.abort();
  return said;
}

/** A watch that begins a round when it is told to, and its pauses so far. */
export function stepwise(watchWith: (wait: Pause) => (signal: AbortSignal) => Promise<void>) {
  const stop = new AbortController();
  const pauses: number[] = [];
  let done = Promise.withResolvers<void>();
  let next = Promise.withResolvers<void>();
  let running: Promise<void> | undefined;
  const watch = watchWith(async (ms) => {
    pauses.push(ms);
    done.resolve();
    await next.promise;
  });
  return {
    pauses,
    async round(): Promise<void> {
      done = Promise.withResolvers();
      const go = next;
      next = Promise.withResolvers();
      if (running === undefined) running = watch(stop.signal);
      else go.resolve();
      await done.promise;
    },
    async end(): Promise<void> {
      stop.abort();
      next.resolve();
      await running;
    },
  };
}
