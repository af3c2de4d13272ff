import { truncate } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { callerOf, plain, playback, taken } from './testing/playable.ts';

const { record, player } = await playback();

test('whoever asks for too much that does not decrypt waits, with that key; nobody else does', async () => {
  const damaged = await record();
  await truncate(damaged.path, 262_144);
  const sound = await record();
  const inClear = await record('clear');
  const { play, decryptKey, requested, lines, now } = player();
  const codeOf = async (recordingId: string, ticket = '', caller = callerOf()) => {
    const { error, bytes } = await taken(play(recordingId, { ticket }, caller));
    if (error === undefined) expect(bytes).toEqual(plain);
    return error === undefined ? 'OK' : (error as { code: string }).code;
  };

  for (let i = 0; i < 30; i += 1) expect(await codeOf(damaged.recordingId)).toBe('DECRYPTION_FAILED');
  const operations = decryptKey.mock.calls.length;
  const { error } = await taken(play(sound.recordingId));
  expect(error).toMatchObject({ code: 'TOO_MANY_FAILURES', details: { retry_after_ms: '2000' } });
  expect(await codeOf(damaged.recordingId)).toBe('TOO_MANY_FAILURES');
  expect([decryptKey.mock.calls.length, requested.length]).toEqual([operations, 30]);
  const said = lines.filter(({ message }) => message.startsWith('too much fails'));
  expect(said).toMatchObject([{ fields: { caller: 'test', perMinute: 30 } }]);

  // What takes no key, other callers, and others that the same caller plays for.
  expect(await codeOf(inClear.recordingId)).toBe('OK');
  expect(await codeOf(sound.recordingId, '', callerOf({ names: ['player.acme.example'] }))).toBe('OK');
  expect(await codeOf(sound.recordingId, 'a ticket')).toBe('OK');

  // Who comes through a console is somebody of his own, with whatever groups.
  const person = (user: string, ...groups: string[]) =>
    callerOf({ names: [`user:${user}`, ...groups], via: ['console'] });
  for (let i = 0; i < 30; i += 1)
    await codeOf(damaged.recordingId, '', person('bob', ...(i % 2 ? ['group:a'] : [])));
  expect(await codeOf(sound.recordingId, '', person('bob', 'group:b'))).toBe('TOO_MANY_FAILURES');
  expect(await codeOf(sound.recordingId, '', person('alice'))).toBe('OK');

  now.ms = 2_000;
  expect(await codeOf(sound.recordingId)).toBe('OK');
  expect(await codeOf(damaged.recordingId)).toBe('DECRYPTION_FAILED');
  expect(await codeOf(sound.recordingId)).toBe('TOO_MANY_FAILURES');
});
