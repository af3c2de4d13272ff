import type { MediaDecryptEnded } from '@sealtrack/contracts/gen/sealtrack/events/v1/audit';
import { noteLines } from '@sealtrack/service-kit/testing/note-lines';
import { expect, test, vi } from 'vitest';
import { createOutcomes } from './outcomes.ts';
import { callerOf } from './testing/playable.ts';

const access = (accessId: string) => ({
  ...{ tenantId: 'demo', recordingId: 'call-1', mediaId: 'main', certificateId: '', caller: 'test' },
  accessId,
});

function parts(options: { maxOpen?: number; drainMs?: number } = {}) {
  const onRecord: string[] = [];
  const write = vi.fn(async ({ accessId }: MediaDecryptEnded) => void onRecord.push(accessId));
  const { log, lines } = noteLines();
  const outcomes = createOutcomes({ audit: { decryptEnded: (record) => write(record) }, log, ...options });
  const one = (accessId: string) => outcomes.begin(access(accessId), callerOf())[Symbol.dispose]();
  return { outcomes, onRecord, write, lines, one };
}

test('whoever stops waits until what became of all is on record, however often that takes', async () => {
  const { outcomes, onRecord, write, one } = parts();
  write.mockRejectedValueOnce(new Error('away')).mockRejectedValueOnce(new Error('away'));
  for (const id of ['a', 'b', 'c']) one(id);
  await outcomes[Symbol.asyncDispose]();
  expect(onRecord.sort()).toEqual(['a', 'b', 'c']);
});

test('what is not on record when the time to stop is up is in the log', async () => {
  const { outcomes, write, lines, one } = parts({ drainMs: 1 });
  write.mockImplementation(() => new Promise(() => {}));
  one('a');
  await outcomes[Symbol.asyncDispose]();
  const said = { level: 'error', fields: { record: { accessId: 'a', outcome: 'cancelled', bytes: '0' } } };
  expect(lines).toMatchObject([said]);
});

test('nothing begins whose end could not be put on record', async () => {
  const { outcomes, one, onRecord } = parts({ maxOpen: 2 });
  const [first, second] = ['a', 'b'].map((id) => outcomes.begin(access(id), callerOf()));
  expect(() => one('c')).toThrow(expect.objectContaining({ code: 'AUDIT_UNAVAILABLE' }));
  first?.[Symbol.dispose]();
  // And nothing is said of what was never asked for, which takes no place either.
  second?.withdraw();
  second?.[Symbol.dispose]();
  await vi.waitFor(() => expect(onRecord).toEqual(['a']));
  for (const id of ['c', 'd']) outcomes.begin(access(id), callerOf());
});
