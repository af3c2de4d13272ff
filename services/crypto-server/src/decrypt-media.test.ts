import { appendFile, truncate } from 'node:fs/promises';
import { AppError } from '@sealtrack/errors/app-error';
import { describe, expect, test, vi } from 'vitest';
import { callerOf, certificate, plain, playback, rangeOf, taken } from './testing/playable.ts';

const { record, player } = await playback();

describe.each(['pkcs7', 'cms', 'clear'] as const)('%s', (suite) => {
  test.each([
    ['the whole', 0, 0, 600_000],
    ['a part', 262_140, 10, 10],
    ['what goes over the end, cut short', 599_990, 1_000, 10],
  ])('%s comes back as it was, and is on record with what became of it', async (_, offset, length, got) => {
    const { recordingId } = await record(suite);
    const { play, requested, ended } = player();
    const { bytes, kinds } = await taken(play(recordingId, rangeOf(offset, length)));
    expect(bytes.equals(plain.subarray(offset, offset + got))).toBe(true);
    expect(kinds[0]).toBe('header');
    const certificateId = suite === 'clear' ? '' : certificate.certificateId;
    const access = { tenantId: 'demo', recordingId, mediaId: 'main', certificateId, caller: 'test' };
    const [{ accessId = '' } = {}] = requested;
    expect(accessId).toMatch(/^[0-9a-f-]{36}$/);
    expect(requested).toEqual([
      {
        ...{ ...access, accessId, offset: BigInt(offset), length: BigInt(got), purpose: 'a test' },
        ...{ action: 'play', user: '', ticketId: '', clientAddress: '' },
      },
    ]);
    const outcome = { outcome: 'complete', bytes: BigInt(got), code: '', failedCheck: '' };
    expect(ended).toEqual([{ ...access, accessId, ...outcome }]);
  });
});

test('nothing leaves before the record is durable, though all is read and verified meanwhile', async () => {
  const { recordingId } = await record();
  const { play, audit, deks, reads } = player();
  const onRecord = Promise.withResolvers<void>();
  audit.decryptRequested = () => onRecord.promise;
  const stream = play(recordingId);
  const left = vi.fn();
  const first = stream.next().then(left);
  await vi.waitFor(() => expect([deks.length, reads.length]).toEqual([1, 2]));
  await new Promise(setImmediate);
  expect(left).not.toHaveBeenCalled();
  onRecord.resolve();
  await first;
  expect(left).toHaveBeenCalledWith({
    done: false,
    value: { part: expect.objectContaining({ $case: 'header' }) },
  });
  await stream.return(undefined);
});

const unavailable = new AppError('AUDIT_UNAVAILABLE', 'No record', { fix: 'Wait.' });

test.each([
  ['whole', async () => {}],
  ['damaged, which nobody is told then', (path: string) => truncate(path, 1)],
])('what cannot be put on record is not played when it is %s', async (_, change) => {
  const { recordingId, path } = await record();
  await change(path);
  const { play, audit, ended } = player();
  audit.decryptRequested = () => Promise.reject(unavailable);
  expect(await taken(play(recordingId))).toMatchObject({ kinds: [], error: unavailable });
  expect(ended).toMatchObject([{ outcome: 'failed', bytes: 0n, code: 'AUDIT_UNAVAILABLE' }]);
});

test('whether he may is asked for each range, and a ticket says on whose behalf', async () => {
  const { recordingId } = await record();
  const { play, authorise, requested, find } = player();
  const asked = { ...rangeOf(5, 1), ticket: 't-1', clientAddress: '192.0.2.7' };
  await taken(play(recordingId, asked));
  const refused = new AppError('TICKET_INVALID', 'It expired', { fix: 'Get another.' });
  authorise.mockRejectedValueOnce(refused);
  expect(await taken(play(recordingId, asked))).toMatchObject({ kinds: [], error: refused });
  expect(requested).toMatchObject([{ user: 'anna', ticketId: 't-1', clientAddress: '192.0.2.7' }]);
  expect(find).toHaveBeenCalledTimes(1);
});

test('a ticket is used up for nothing that cannot begin, and what has none left is on no record', async () => {
  const { recordingId } = await record();
  const used = new AppError('TICKET_INVALID', 'It was used', { fix: 'Get another.' });
  const useOnce = vi.fn(() => Promise.reject(used));
  for (const [maxOpen, code] of [[0, 'AUDIT_UNAVAILABLE'] as const, [1, 'TICKET_INVALID'] as const]) {
    const { play, authorise, requested, ended } = player({ maxOpen });
    const onBehalfOf = { user: 'anna', ticketId: 't-1' };
    authorise.mockResolvedValue({ action: 'export', onBehalfOf, useOnce });
    expect(await taken(play(recordingId))).toMatchObject({ kinds: [], error: { code } });
    expect(await taken(play(recordingId))).toMatchObject({ kinds: [], error: { code } });
    expect([requested, ended]).toEqual([[], []]);
    expect(useOnce).toHaveBeenCalledTimes(2 * maxOpen);
  }
});

test.each([
  ['whoever asked has heard enough', undefined, { outcome: 'cancelled', code: '' }],
  ['the server ends', 'SHUTTING_DOWN', { outcome: 'failed', code: 'SHUTTING_DOWN' }],
] as const)('when %s, that is on record, with the bytes handed out by then', async (_, code, outcome) => {
  const { recordingId } = await record();
  const { play, ended, deks } = player({ maxAgeMs: 0 });
  const call = new AbortController();
  for await (const { part } of play(recordingId, {}, callerOf({ signal: call.signal }))) {
    if (part?.$case !== 'chunk') continue;
    if (code !== undefined) call.abort(new AppError(code, 'The end', { fix: 'Ask again.' }));
    break;
  }
  expect(ended).toMatchObject([{ ...outcome, bytes: 262_144n, failedCheck: '' }]);
  expect(deks.map((dek) => dek.equals(Buffer.alloc(32)))).toEqual([true]);
});

describe.each(['pkcs7', 'cms'] as const)('damage of %s', (suite) => {
  test.each([
    ['cut off between segments', (path: string) => truncate(path, 262_144), 'ciphertext too short'],
    ['cut off within one', (path: string) => truncate(path, 262_160), 'ciphertext too short'],
    ['made longer', (path: string) => appendFile(path, Buffer.alloc(16)), 'ciphertext too long'],
  ])(
    'a ciphertext that was %s gives nothing, in whole or in part; why is told to nobody',
    async (_, change, failedCheck) => {
      const { recordingId, path } = await record(suite);
      await change(path);
      const { play, exportOf, ended } = player();
      for (const range of [{}, rangeOf(300_000, 5)]) {
        const { kinds, error } = await taken(play(recordingId, range));
        expect(kinds).toEqual([]);
        expect(error).toMatchObject({ code: 'DECRYPTION_FAILED' });
        const { message, fix, details, cause } = error as AppError;
        expect(JSON.stringify([message, fix, details, cause ?? null])).not.toMatch(
          /too short|too long|segment/,
        );
      }
      await expect(Array.fromAsync(exportOf(recordingId))).rejects.toMatchObject({
        code: 'DECRYPTION_FAILED',
      });
      const onRecord = { outcome: 'failed', bytes: 0n, code: 'DECRYPTION_FAILED', failedCheck };
      expect(ended).toMatchObject([onRecord, onRecord, onRecord]);
    },
  );
});

test('of media whose manifest was changed not even the header goes out', async () => {
  const { recordingId } = await record();
  const found = await player().findMedia('demo' as never, recordingId, 'main' as never, callerOf().signal);
  const media = { ...found.media, contentType: 'text/html' } as typeof found.media;
  const changed = player({ findMedia: async () => ({ ...found, media }) });
  expect(await taken(changed.play(recordingId))).toMatchObject({
    kinds: [],
    error: { code: 'DECRYPTION_FAILED' },
  });
  expect(changed.ended).toMatchObject([{ failedCheck: 'envelope MAC' }]);
});

test("a range that begins past the end is the caller's to correct, and uses no key", async () => {
  const { recordingId } = await record();
  const { play, requested, decryptKey } = player();
  const { error } = await taken(play(recordingId, rangeOf(600_000, 1)));
  expect(error).toMatchObject({ code: 'RANGE_NOT_SATISFIABLE' });
  expect(requested).toEqual([]);
  expect(decryptKey).not.toHaveBeenCalled();
});

test('what takes too long to be found is given up', async () => {
  const { recordingId } = await record();
  const { play, find } = player({ openMs: 1 });
  find.mockImplementation(
    (_tenant, _recording, signal) =>
      new Promise((_, reject) => {
        signal.addEventListener('abort', () => reject(signal.reason));
      }),
  );
  expect(await taken(play(recordingId))).toMatchObject({ kinds: [], error: { code: 'DEADLINE_EXCEEDED' } });
  expect(find.mock.calls[0]?.[2].aborted).toBe(true);
});

test('an export is on record with what became of it, too', async () => {
  const { recordingId } = await record();
  const { exportOf, exported, ended } = player();
  const parts = await Array.fromAsync(exportOf(recordingId));
  const [{ accessId = '' } = {}] = exported;
  expect(accessId).not.toBe('');
  const header = parts[0]?.part;
  const bytes = header?.$case === 'header' ? header.value.size : undefined;
  expect(ended).toMatchObject([{ recordingId, accessId, outcome: 'complete', bytes, certificateId: '' }]);
});

test('the header alone takes no key, reads nothing of the media and puts nothing on record, but has to be allowed', async () => {
  const { recordingId } = await record('pkcs7');
  const { play, requested, deks, reads, authorise } = player();
  const { kinds, error } = await taken(play(recordingId, { headerOnly: true }));
  expect(error).toBeUndefined();
  expect(kinds).toEqual(['header']);
  expect([requested, deks]).toEqual([[], []]);
  expect(reads.every((key) => key.endsWith('recording.json'))).toBe(true);
  authorise.mockRejectedValueOnce(new AppError('PERMISSION_DENIED', 'No', { fix: 'None.' }));
  expect((await taken(play(recordingId, { headerOnly: true }))).error).toMatchObject({
    code: 'PERMISSION_DENIED',
  });
});
