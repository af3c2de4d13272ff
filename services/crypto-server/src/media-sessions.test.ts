import { rm } from 'node:fs/promises';
import type { CertificateId } from '@sealtrack/ids/ids';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { callerOf, certificate, plain, playback, rangeOf, taken, tenantId } from './testing/playable.ts';

const { record, player } = await playback();
afterEach(() => void vi.useRealTimers());

const named = (...names: string[]) => callerOf({ names });
const anna = named('player.example');
const isWiped = (dek: Buffer) => dek.equals(Buffer.alloc(32));

test('a range within a session costs no RSA operation, no look-up and no manifest, and is on record', async () => {
  const { recordingId } = await record();
  const { play, find, decryptKey, reads, requested, ended } = player();
  for (const offset of [0, 300_000, 599_990]) {
    const { bytes } = await taken(play(recordingId, rangeOf(offset, 10), anna));
    expect(bytes.equals(plain.subarray(offset, offset + 10))).toBe(true);
  }
  expect(find).toHaveBeenCalledTimes(1);
  expect(decryptKey).toHaveBeenCalledTimes(1);
  const [manifest, ...media] = reads;
  expect(manifest).toBe(`${recordingId}/recording.json`);
  expect(media).toEqual(Array(3).fill(`${recordingId}/main.enc`));
  expect(requested.map(({ offset, certificateId }) => [offset, certificateId])).toEqual(
    [0n, 300_000n, 599_990n].map((offset) => [offset, certificate.certificateId]),
  );
  expect(new Set(ended.map(({ accessId }) => accessId)).size).toBe(3);
});

test('those who come first at the same time share one look-up and one RSA operation', async () => {
  const { recordingId } = await record();
  const { play, find, decryptKey, sessions, deks } = player();
  const all = await Promise.all(Array.from({ length: 20 }, () => taken(play(recordingId, {}, anna))));
  expect(all.every(({ bytes }) => bytes.equals(plain))).toBe(true);
  expect([find.mock.calls.length, decryptKey.mock.calls.length]).toEqual([1, 1]);
  sessions.clear();
  expect(deks.map(isWiped)).toEqual([true]);
});

test.each([
  ['another certificate', named('other.example'), {}],
  ['one more name', named('player.example', 'other.example'), {}],
  ['a ticket', anna, { ticket: 't-1' }],
  ['its name, through a console', callerOf({ names: ['player.example'], via: ['console'] }), {}],
])('a caller with %s shares nothing', async (_, caller, more) => {
  const { recordingId } = await record();
  const { play, decryptKey, find } = player();
  await taken(play(recordingId, rangeOf(0, 10), anna));
  await taken(play(recordingId, { ...rangeOf(0, 10), ...more }, caller));
  expect([find.mock.calls.length, decryptKey.mock.calls.length]).toEqual([2, 2]);
});

test('over plaintext, where nobody has a name, connections share nothing', async () => {
  const { recordingId } = await record();
  const { play, decryptKey } = player();
  for (const peer of ['127.0.0.1:1', '127.0.0.1:2', '127.0.0.1:1'])
    await taken(play(recordingId, {}, callerOf({ peer })));
  expect(decryptKey).toHaveBeenCalledTimes(2);
});

describe('the session key is wiped', () => {
  type Player = ReturnType<typeof player>;
  const other = 'f'.repeat(64) as CertificateId;

  /** Plays twice, with that between, and says how many session keys there were and whether the first was wiped by then. */
  async function after(event: (player: Player, recordingId: string) => unknown, options = {}) {
    const { recordingId, path } = await record();
    const playing = player(options);
    await taken(playing.play(recordingId, rangeOf(0, 10), anna));
    await event(playing, path);
    const wiped = playing.deks.map(isWiped);
    const again = await taken(playing.play(recordingId, rangeOf(0, 10), anna));
    return { wiped: wiped[0], keys: playing.decryptKey.mock.calls.length, error: again.error };
  }
  const kept = { wiped: false, keys: 1, error: undefined };
  const gone = { wiped: true, keys: 2, error: undefined };

  test.each([
    ['not before its time', 59_999, kept],
    ['when its time is up, without being asked for', 60_000, gone],
  ])('%s', async (_, ms, expected) => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    expect(await after(() => vi.advanceTimersByTime(ms), { maxAgeMs: 60_000 })).toEqual(expected);
  });

  test.each([
    [
      'when its certificate is deleted',
      ({ sessions }: Player) => sessions.forget(tenantId, certificate.certificateId),
      gone,
    ],
    ['not when another is', ({ sessions }: Player) => sessions.forget(tenantId, other), kept],
    [
      'not when that of another tenant is',
      ({ sessions }: Player) => sessions.forget('other' as never, certificate.certificateId),
      kept,
    ],
    ['when the seal is closed', ({ sessions }: Player) => sessions.clear(), gone],
    ['when the server ends', ({ sessions }: Player) => sessions[Symbol.dispose](), gone],
  ])('%s', async (_, event, expected) => {
    expect(await after(event)).toEqual(expected);
  });

  test('of who was there longest ago, when there are as many as may be', async () => {
    const playing = player({ maxSessions: 2 });
    const [a, b, c] = [await record(), await record(), await record()];
    for (const { recordingId } of [a, b, a, c]) await taken(playing.play(recordingId, rangeOf(0, 1), anna));
    expect(playing.deks.map(isWiped)).toEqual([false, true, false]);
  });

  test('when what is kept of manifests is as much as may be', async () => {
    const playing = player({ maxBytes: 12_000 });
    for (let count = 0; count < 5; count += 1)
      await taken(playing.play((await record('cms', Buffer.alloc(10))).recordingId, {}, anna));
    const wiped = playing.deks.map(isWiped);
    expect([wiped[0], wiped[4]]).toEqual([true, false]);
  });

  test('at once when one takes the room of many, or nothing is to be kept', async () => {
    for (const options of [{ maxBytes: 4_000 }, { maxAgeMs: 0 }])
      expect(await after(() => {}, options)).toEqual(gone);
  });

  test('when the media does not fit, so that what was put in its place is looked up', async () => {
    const removed = await after((_, path) => rm(path as unknown as string));
    expect(removed.error).toMatchObject({ code: 'OBJECT_NOT_FOUND' });
  });

  test('also when its certificate was deleted while it was unwrapped; who asked before gets his media', async () => {
    const { recordingId } = await record();
    const { play, decryptKey, sessions, deks } = player();
    const unwrapped = Promise.withResolvers<void>();
    const decrypt = decryptKey.getMockImplementation();
    decryptKey.mockImplementationOnce(async (...key) => {
      await unwrapped.promise;
      return decrypt?.(...key) ?? Buffer.alloc(0);
    });
    const playing = taken(play(recordingId, {}, anna));
    await vi.waitFor(() => expect(decryptKey).toHaveBeenCalled());
    sessions.forget(tenantId, certificate.certificateId);
    unwrapped.resolve();
    expect((await playing).bytes.equals(plain)).toBe(true);
    expect(deks.map(isWiped)).toEqual([true]);
  });
});

test('who shares it goes on when the one who came first goes away; with the last it is given up', async () => {
  const { recordingId } = await record();
  const { play, find, decryptKey } = player();
  const found = Promise.withResolvers<void>();
  const findNow = find.getMockImplementation();
  find.mockImplementation(async (...wanted) => {
    await found.promise;
    return findNow?.(...wanted) as never;
  });
  const calls = [1, 2, 3].map(() => new AbortController());
  const playing = calls.map(({ signal }) => taken(play(recordingId, {}, { ...anna, signal })));
  await vi.waitFor(() => expect(find).toHaveBeenCalledTimes(1));
  const gone = new Error('gone');
  calls[0]?.abort(gone);
  expect(await playing[0]).toMatchObject({ error: gone });
  found.resolve();
  expect((await playing[1])?.bytes.equals(plain)).toBe(true);
  expect((await playing[2])?.bytes.equals(plain)).toBe(true);
  expect(decryptKey).toHaveBeenCalledTimes(1);
});

test('what nobody waits for any more is given up, and looked up anew for the next', async () => {
  const { recordingId } = await record();
  const { play, find } = player();
  find.mockImplementationOnce(() => new Promise(() => {}));
  const call = new AbortController();
  const playing = taken(play(recordingId, {}, { ...anna, signal: call.signal }));
  await vi.waitFor(() => expect(find).toHaveBeenCalled());
  call.abort(new Error('gone'));
  await playing;
  expect(find.mock.calls[0]?.[2].aborted).toBe(true);
  expect((await taken(play(recordingId, {}, anna))).bytes.equals(plain)).toBe(true);
});

test('a look-up that failed is not kept', async () => {
  const { recordingId } = await record();
  const { play, find } = player();
  const away = new Error('away');
  find.mockRejectedValueOnce(away);
  expect((await taken(play(recordingId, {}, anna))).error).toBe(away);
  expect((await taken(play(recordingId, {}, anna))).error).toBeUndefined();
});
