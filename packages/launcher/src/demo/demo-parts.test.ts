import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { temporaryFolder } from '@sealtrack/testkit/temporary-folder';
import { afterAll, describe, expect, test } from 'vitest';
import { middleOf } from './decrypt-and-compare.ts';
import { assertSame, digestOf } from './digest.ts';
import { openOriginal } from './keep-original.ts';
import { openWithOpenssl } from './open-with-openssl.ts';
import { parseDemoOptions } from './options.ts';
import { originalFile } from './publish-recordings.ts';
import { createReport } from './report.ts';
import { prepareResults } from './results.ts';
import { saveLogs } from './save-logs.ts';

const folder = await temporaryFolder();
afterAll(() => folder.remove());
const at = (...names: string[]): string => join(folder.path, ...names);

async function* once(text: string): AsyncGenerator<Uint8Array> {
  yield Buffer.from(text);
}

describe('options', () => {
  const now = new Date('2026-03-01T12:34:56Z');

  test('are relative to where the user was, not to where npm moved', () => {
    const options = parseDemoOptions(
      ['--file', 'call.wav', '--out', 'result'],
      { INIT_CWD: '/home/me' },
      now,
    );
    expect(options).toMatchObject({ file: '/home/me/call.wav', out: '/home/me/result' });
  });

  test('have a new folder for the results of every run', () => {
    const options = parseDemoOptions([], { INIT_CWD: '/home/me' }, now);
    expect(options).toMatchObject({ file: undefined, out: '/home/me/demo-output/2026-03-01-123456' });
    expect(parseDemoOptions([], {}, now)?.dataDir).not.toBe(options?.dataDir);
  });

  test('that are not known are refused', () => {
    expect(() => parseDemoOptions(['--fiel', 'x'], {}, now)).toThrow("Unknown option '--fiel'");
    expect(parseDemoOptions(['--help'], {}, now)).toBeUndefined();
  });
});

describe('results', () => {
  test('never replace what is there', async () => {
    mkdirSync(at('out'));
    writeFileSync(at('out', 'tenant.key'), 'mine');
    await expect(prepareResults(at('out'), undefined)).rejects.toMatchObject({ code: 'OBJECT_EXISTS' });
  });

  test('cannot be where a file is, and say so', async () => {
    writeFileSync(at('file'), 'mine');
    const refused = { code: 'INVALID_ARGUMENT', message: expect.stringContaining('cannot be written') };
    await expect(prepareResults(at('file'), undefined)).rejects.toMatchObject(refused);
    await expect(prepareResults(at('file', 'below'), undefined)).rejects.toMatchObject(refused);
  });

  test('keep the extension of the file', async () => {
    expect((await prepareResults(at('mp3'), '/x/call.mp3')).decrypted).toBe(at('mp3', 'decrypted.mp3'));
    expect((await prepareResults(at('none'), '/x/call')).original).toBe(at('none', 'original.bin'));
  });

  test('an empty or missing file is refused before anything is started', async () => {
    writeFileSync(at('empty'), '');
    await expect(openOriginal(at('empty'))).rejects.toMatchObject({ code: 'MEDIA_EMPTY' });
    await expect(openOriginal(at('missing'))).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' });
  });
});

describe('comparisons', () => {
  test('tell content and size apart', async () => {
    const [one, same, other] = await Promise.all([
      digestOf(once('one')),
      digestOf(once('one')),
      digestOf(once('two')),
    ]);
    assertSame('it', one, same);
    expect(() => assertSame('it', one, other)).toThrow('not the original');
    expect(() => assertSame('it', one, { ...same, size: 4 })).toThrow('not the original');
  });

  test.each([1, 2, 3, 16, 1_000, 262_144, 10 ** 10])('the middle of %i bytes is within them', (size) => {
    const { offset, length } = middleOf(size);
    expect(length).toBeGreaterThan(0);
    expect(offset + length).toBeLessThanOrEqual(size);
  });

  test('a file that OpenSSL cannot open is a failure with its own words', async () => {
    const results = await prepareResults(at('broken'), undefined);
    writeFileSync(results.pkcs7, 'no PKCS#7');
    writeFileSync(results.key, 'no key');
    const original = originalFile(results.original, 'audio/wav', await digestOf(once('x')));
    const published = { recordingId: 'r', original, seconds: 1 };
    await expect(openWithOpenssl(published, results, new AbortController().signal)).rejects.toMatchObject({
      message: expect.stringMatching(/OpenSSL .* could not open recording\.p7m/),
      details: { openssl: expect.stringMatching(/\w/) },
    });
  });
});

describe('report', () => {
  test('has a banner, one line a step, and knows where it was', async () => {
    let text = '';
    const report = createReport((more) => {
      text += more;
    });
    expect(text).toContain('throwaway keys');
    expect(await report.step('keys', async () => ({ said: 'made', result: 7 }))).toBe(7);
    expect(text).toMatch(/^1\. keys +[\d.]+ s {2}made$/m);
    const failing = report.step('publish', () => Promise.reject(new Error('no')));
    await expect(failing).rejects.toThrow('no');
    expect(report.current()).toBe('step 2, publish');
  });
});

test('logs are kept, and nothing else', async () => {
  mkdirSync(at('data', 'logs'), { recursive: true });
  mkdirSync(at('data', 'keys'));
  writeFileSync(at('data', 'logs', 'crypto-server.log'), 'a line');
  writeFileSync(at('data', 'keys', 'unseal.key'), 'secret');
  expect(await saveLogs(at('data'), at('kept'))).toBe(at('kept', 'logs'));
  expect(existsSync(at('kept', 'logs', 'crypto-server.log'))).toBe(true);
  expect(existsSync(at('kept', 'logs', 'unseal.key'))).toBe(false);
  expect(await saveLogs(at('nothing'), at('kept-2'))).toBeUndefined();
});
