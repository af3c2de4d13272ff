import { median } from '../envelope/median.ts';
import { TENANT } from '../playback/library.ts';
import { type Measurement, measurement } from '../report.ts';
import type { Stage } from './stage.ts';

/** Of the same calls made by hand. */
const LIST_GOAL = 2;
const RECORDINGS = 50;

/** Milliseconds of each of both, of the console's way and by hand. */
export interface ListTimes {
  readonly name: string;
  readonly console: number;
  readonly byHand: number;
}

export async function measureLists(stage: Stage, say: (line: string) => void): Promise<ListTimes[]> {
  const { browser, doors, options } = stage;
  const tenantId = TENANT;
  say('lists …');
  const certificatesByHand = async () => {
    const { certificates } = await doors.certificates.listCertificates({ tenantId, pageSize: 500 });
    // People are not shown what only quarantined recordings are sealed to.
    const certificateIds = certificates.filter(({ holding }) => !holding).map((each) => each.certificateId);
    await Promise.all([
      doors.profiles.countAssignments({ tenantId, certificateIds }),
      doors.recordings.countRecordingsOfEach({ tenantId, certificateIds }),
    ]);
    return certificateIds.length;
  };
  const listed = async (path: string, field: string) => {
    const answer = (await browser.json(`/tenants/${tenantId}/${path}`)) as Record<string, readonly unknown[]>;
    return answer[field]?.length ?? 0;
  };
  const recordingsByHand = async () =>
    (await doors.recordings.listRecordings({ tenantId, pageSize: RECORDINGS })).recordings.length;
  return [
    {
      name: `certificates, ${options.certificates} of them`,
      ...(await inTurn(options.samples, () => listed('certificates', 'certificates'), certificatesByHand)),
    },
    {
      name: `recordings, a page of ${RECORDINGS}`,
      ...(await inTurn(
        options.samples,
        () => listed(`recordings?size=${RECORDINGS}`, 'recordings'),
        recordingsByHand,
      )),
    },
  ];
}

/** Medians. What runs beside it meets both alike. Throws when they find different numbers. */
async function inTurn(times: number, ours: () => Promise<number>, bare: () => Promise<number>) {
  const all: Record<'console' | 'byHand', number[]> = { console: [], byHand: [] };
  for (const warm of [ours, bare]) for (let i = 0; i < Math.min(5, times); i += 1) await warm();
  for (let i = 0; i < times; i += 1) {
    const [a, b] = [await timed(ours, all.console), await timed(bare, all.byHand)];
    if (a !== b || a === 0) throw new Error(`The console lists ${a}, and gRPC ${b}`);
  }
  return { console: median(all.console), byHand: median(all.byHand) };
}

async function timed(work: () => Promise<number>, into: number[]): Promise<number> {
  const started = performance.now();
  const found = await work();
  into.push(performance.now() - started);
  return found;
}

export const listRows = (lists: readonly ListTimes[]): Measurement[] =>
  lists.map(({ name, console: value, byHand: limit }) =>
    measurement({
      ...{ bench: 'console', case: name, engine: 'sealtrack', metric: 'p50, beside gRPC by hand' },
      ...{ unit: 'ms', value, limit, goal: LIST_GOAL, better: 'lower' },
    }),
  );
