import { expect, test } from 'vitest';
import type { TimelineEntry } from '../../../src/api/recordings.ts';
import { tellTimeline } from './tell-timeline.ts';

const entry = (
  at: string,
  what: TimelineEntry['what'],
  more: Partial<TimelineEntry> = {},
): TimelineEntry => ({
  ...{ at: `2026-03-08T12:${at}Z`, what, traceId: null, certificateIds: [] },
  ...{ reason: null, message: null, nextStep: null, deadLetter: null, times: null },
  ...more,
});

test('what happened is told with the time between', () => {
  const told = tellTimeline([
    entry('00:00.000', 'captured'),
    entry('00:00.140', 'failed', { deadLetter: 7, nextStep: 'Do' }),
    entry('00:30.140', 'failed'),
    entry('03:30.140', 'encrypted'),
    entry('03:30.140', 'quarantined', { nextStep: 'Assign' }),
    entry('03:30.190', 'stored'),
    entry('59:30.190', 'played', { times: 1 }),
    entry('59:31.190', 'exported', { times: 1200 }),
  ]);
  expect(told.map(({ title, tone, after }) => [title, tone, after])).toEqual([
    ['Captured', 'plain', undefined],
    ['Failed', 'bad', '140 ms later'],
    ['Failed', 'plain', '30 s later'],
    ['Encrypted', 'good', '3 min later'],
    ['Kept in quarantine', 'warning', 'at the same moment'],
    ['Stored', 'good', '50 ms later'],
    ['Played once', 'plain', '56 min later'],
    ['Exported, 1,200 times; last', 'plain', '1.0 s later'],
  ]);
});

test('clocks of two machines may differ, and then nothing is said of the time between', () => {
  const [, second] = tellTimeline([entry('00:01.000', 'encrypted'), entry('00:00.900', 'stored')]);
  expect(second?.after).toBeUndefined();
});
