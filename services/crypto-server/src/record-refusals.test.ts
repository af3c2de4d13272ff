import type { AccessDenied } from '@sealtrack/contracts/gen/sealtrack/events/v1/audit';
import { AppError } from '@sealtrack/errors/app-error';
import type { Refused } from '@sealtrack/service-kit/call-access';
import { noteLines } from '@sealtrack/service-kit/testing/note-lines';
import { ticketInvalid } from '@sealtrack/tickets/ticket-invalid';
import { expect, test } from 'vitest';
import { createRecordRefusals, RECORDS_A_MINUTE } from './record-refusals.ts';

const DECRYPTION = '/sealtrack.decryption.v1.DecryptionService';
const denied = (action: string) =>
  new AppError('PERMISSION_DENIED', 'No', { fix: 'Ask.', details: { action, tenant: 'acme' } });
const call = (over: Partial<Refused> = {}): Refused => ({
  path: `${DECRYPTION}/DecryptMedia`,
  names: ['a.example', 'localhost'],
  via: [],
  request: { tenantId: 'acme', recordingId: 'r1', mediaId: 'main', purpose: 'x' },
  traceparent: undefined,
  error: denied('media.play'),
  ...over,
});

function recording(accessDenied?: (record: AccessDenied) => Promise<void>) {
  const records: AccessDenied[] = [];
  const { lines, log } = noteLines();
  const time = { now: new Date('2026-03-01T12:00:00Z') };
  const take = async (record: AccessDenied) => void records.push(record);
  const refusals = createRecordRefusals({
    audit: { accessDenied: accessDenied ?? take },
    clock: () => time.now,
    log,
  });
  return { refusals, records, lines, time };
}

const record = {
  ...{ tenantId: 'acme', caller: 'a.example localhost', action: 'media.play' },
  ...{ recordingId: 'r1', mediaId: 'main', user: '', ticketId: '', code: 'PERMISSION_DENIED' },
};
test.each<[string, Partial<Refused>, Partial<AccessDenied> | undefined]>([
  ['playing', {}, {}],
  [
    'exporting',
    { path: `${DECRYPTION}/ExportPkcs7`, error: denied('media.export') },
    { action: 'media.export' },
  ],
  [
    'unwrapping',
    {
      path: `${DECRYPTION}/UnwrapKeys`,
      error: denied('key.unwrap'),
      request: { tenantId: 'acme', keys: [] },
    },
    { action: 'key.unwrap', recordingId: '', mediaId: '' },
  ],
  ['a ticket that is over', { error: ticketInvalid('expired') }, { code: 'TICKET_INVALID' }],
  ['a ticket that was used', { error: ticketInvalid('used') }, { code: 'TICKET_INVALID' }],
  ['a ticket that anybody may have written', { error: ticketInvalid('bad-signature') }, undefined],
  ['what is no ticket', { error: ticketInvalid('malformed') }, undefined],
  [
    'what is no id',
    { request: { tenantId: 'acme', recordingId: '../x\n', mediaId: '' } },
    { recordingId: '', mediaId: '' },
  ],
  ['somebody whom nobody knows', { names: [] }, undefined],
  [
    'somebody who asks through a console',
    { names: ['user:alice', 'group:auditors'], via: ['console', 'localhost'] },
    { caller: 'user:alice group:auditors via console localhost', user: 'alice' },
  ],
  ['what is no tenant', { request: { tenantId: 'a.b.>' } }, undefined],
  ['administration', { path: '/sealtrack.seal.v1.SealService/Unseal' }, undefined],
  ['another error', { error: new AppError('SEALED', 'No', { fix: 'Unseal.' }) }, undefined],
])('%s', async (_, over, expected) => {
  const { refusals, records } = recording();
  refusals.note(call(over));
  await refusals[Symbol.asyncDispose]();
  expect(records).toEqual(expected === undefined ? [] : [{ ...record, ...expected }]);
});

test('one caller fills no stream, and keeps nobody else from being put on record', async () => {
  const { refusals, records, lines, time } = recording();
  const insist = async (names: readonly string[], times: number) => {
    for (let n = 0; n < times; n += 1) {
      refusals.note(call({ names }));
      await Promise.resolve();
      await refusals[Symbol.asyncDispose]();
    }
  };
  await insist(['one'], 3 * RECORDS_A_MINUTE);
  await insist(['two'], 1);
  expect(records).toHaveLength(RECORDS_A_MINUTE + 1);
  expect(lines.map(({ fields }) => fields)).toEqual([{ caller: 'one' }]);
  time.now = new Date(time.now.getTime() + 60_000);
  await insist(['one'], 1);
  expect(records).toHaveLength(RECORDS_A_MINUTE + 2);
});

test('while the bus hangs, few wait for it, and whoever stops waits for those', async () => {
  const bus = Promise.withResolvers<void>();
  let begun = 0;
  const { refusals, lines } = recording(() => {
    begun += 1;
    return bus.promise;
  });
  for (let caller = 0; caller < 500; caller += 1) refusals.note(call({ names: [`c${caller}`] }));
  expect(begun).toBe(64);
  let ended = false;
  const ending = refusals[Symbol.asyncDispose]().then(() => {
    ended = true;
  });
  await new Promise(setImmediate);
  expect(ended).toBe(false);
  bus.reject(new AppError('AUDIT_UNAVAILABLE', 'No', { fix: 'Wait.' }));
  await ending;
  expect(lines).toHaveLength(64);
});
