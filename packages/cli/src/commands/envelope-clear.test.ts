import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { parseManifest, serializeManifest } from '@sealtrack/envelope/manifest';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { sealedFiles } from '../testing/sealed-files.ts';

const files = await sealedFiles();
afterAll(() => files.remove());
const { at, run } = files;
const content = randomBytes(600_000);

beforeAll(async () => {
  await files.createOwner('one');
  await files.keepInClear('clear.json', [{ ciphertext: 'clear.enc', content }]);
  await files.keepInClear('two.json', [
    { ciphertext: 'a.enc', content, mediaId: 'sound' },
    { ciphertext: 'b.enc', content: content.subarray(5), mediaId: 'screen' },
  ]);
  await files.keepInClear('rotten/recording.json', [{ ciphertext: 'main.enc', content }]);
  files.damage('rotten/main.enc', 'rotten/main.enc', 300_000);
  await files.seal('sealed.json', ['one'], [{ ciphertext: 'sealed.enc', content }]);
});

describe('a recording in clear', () => {
  test('is inspected, with its policy, and the command that copies it out', async () => {
    const { text } = await run('envelope', 'inspect', 'clear.json');
    expect(text).toContain("stored in clear, as the profile's policy has it: optional (expired)");
    expect(text).toContain('anybody could have changed it');
    const [shown] = (await run('envelope', 'inspect', 'two.json', '--json')).json();
    expect(shown).toMatchObject({
      mediaType: 'voice',
      inClear: { policy: 'optional', reason: 'expired' },
      media: [
        { mediaId: 'sound', envelope: null },
        {
          ...{ mediaId: 'screen', suite: 'clear', plaintextSize: 599_995, verified: 'keyless tags' },
          opensWith: ['sealtrack envelope open two.json --media screen --out OUT'],
        },
      ],
    });
  });

  test('is copied out without a key, byte for byte', async () => {
    const opened = await run('envelope', 'open', 'clear.json', '--out', 'clear.wav');
    expect(opened).toMatchObject({ code: 0, stderr: '' });
    expect(opened.text).toContain('checked for damage only');
    expect(files.read('clear.wav').equals(content)).toBe(true);
    const args = ['envelope', 'open', 'two.json', '--media', 'screen', '--out', '-'];
    expect((await run(...args)).stdout.equals(content.subarray(5))).toBe(true);
    // A script that always gives its key goes on.
    expect((await run(...args, '--key', 'one.key')).code).toBe(0);
  });

  test('that is damaged is not copied out', async () => {
    const { code, stderr } = await run('envelope', 'open', 'rotten/recording.json', '--out', 'rotten.wav');
    expect(code).not.toBe(0);
    expect(stderr).toContain('not as it was stored');
    expect(existsSync(at('rotten.wav'))).toBe(false);
    files.write('long.enc', Buffer.concat([content, Buffer.of(0)]));
    const args = ['envelope', 'open', 'clear.json', '--content', 'long.enc', '--out', 'long.wav'];
    expect((await run(...args)).stderr).toContain('not as it was stored');
    expect(existsSync(at('long.wav'))).toBe(false);
  });

  test('is verified and scrubbed, and damage to it is found by both', async () => {
    const [found] = (await run('envelope', 'verify', 'two.json', '--json')).json();
    expect(found).toMatchObject({
      ok: true,
      media: [
        { media: 'sound', ok: true, bytes: 600_000, verified: 'keyless tags' },
        { media: 'screen', ok: true, bytes: 599_995 },
      ],
    });
    expect(await run('envelope', 'scrub', 'two.json')).toMatchObject({ code: 0 });
    expect(await run('envelope', 'verify', 'rotten/recording.json')).toMatchObject({
      code: 1,
      text: expect.stringContaining('NOT WHOLE: The media is not as it was stored'),
    });
    expect(await run('envelope', 'scrub', 'rotten')).toMatchObject({
      code: 1,
      text: expect.stringContaining('another checksum'),
    });
  });

  test('has no envelope to splice or to rewrap', async () => {
    for (const args of [
      ['splice', 'clear.json', '--out', 'whole.p7m'],
      ['rewrap', 'clear.json', '--key', 'one.key', '--to', 'one.crt', '--out', 'again.json'],
    ]) {
      const { code, stderr } = await run('envelope', ...args, '--json');
      expect(code).toBe(1);
      expect(stderr).toContain('MEDIA_NOT_ENCRYPTED');
    }
    expect(existsSync(at('whole.p7m')) || existsSync(at('again.json'))).toBe(false);
  });
});

test('what is encrypted still wants its key', async () => {
  for (const args of [
    ['verify', 'sealed.json'],
    ['open', 'sealed.json', '--out', 'x.wav'],
  ]) {
    const { code, stderr } = await run('envelope', ...args);
    expect(code).not.toBe(0);
    expect(stderr).toContain('no private key was given');
  }
  expect(existsSync(at('x.wav'))).toBe(false);
});

test('a recording that a person sealed to others is out of quarantine, and says when', async () => {
  const manifest = parseManifest(files.read('sealed.json'));
  const quarantine = { reason: 'expired', since: '2026-03-01T12:01:00.000Z' };
  files.write('held.json', serializeManifest({ ...manifest, quarantine }));
  expect((await run('envelope', 'inspect', 'held.json')).text).toContain('in quarantine since 2026-03-01');
  const args = ['held.json', '--key', 'one.key', '--to', 'one.crt', '--out', 'freed.json'];
  expect(await run('envelope', 'rewrap', ...args)).toMatchObject({ code: 0 });
  const freed = parseManifest(files.read('freed.json'));
  expect(freed.quarantine).toBeUndefined();
  expect(Date.parse(freed.rewrappedAt ?? '')).toBeGreaterThan(Date.now() - 60_000);
});
