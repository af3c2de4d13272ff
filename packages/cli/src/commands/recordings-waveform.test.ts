import { randomBytes } from 'node:crypto';
import { afterAll, expect, test } from 'vitest';
import { cli } from '../testing/run-cli.ts';
import { sealedFiles } from '../testing/sealed-files.ts';
import { startStubServices } from '../testing/stub-services.ts';

const [services, files] = [await startStubServices(), await sealedFiles()];
afterAll(async () => {
  await services[Symbol.asyncDispose]();
  await files.remove();
});
const run = (...args: string[]) => cli(args, { cwd: files.path, env: services.env });

/** Two channels: one that swells over 144 pieces, and one with one loud moment at its end. */
const swelling = Buffer.from(Uint8Array.from({ length: 144 }, (_, at) => Math.floor(at / 2)));
const silent = Buffer.alloc(144);
silent[143] = 71;

test('recordings waveform draws a line for each channel, as tall as the loudest moment of all', async () => {
  services.waveform = { durationMs: 61_500n, channels: 2, peaks: Buffer.concat([swelling, silent]) };
  const { code, text } = await run('recordings', 'waveform', 'call-1');
  expect(code).toBe(0);
  const [head, first = '', second = ''] = text.split('\n');
  expect(head).toBe('call-1, main: 61.5 s, channels: 2');
  expect(first).toHaveLength(72);
  expect(first).toMatch(/^ ▁+▂+▃+▄+▅+▆+▇+█+$/);
  expect(second).toBe(`${' '.repeat(71)}█`);
  expect((await run('recordings', 'waveform', 'call-1', '--json')).json()).toEqual([
    { recordingId: 'call-1', mediaId: 'main', durationMs: 61_500, channels: [[...swelling], [...silent]] },
  ]);
});

test.each([
  ['silence', Buffer.alloc(3), '   '],
  ['a few pieces', Buffer.of(255, 0, 1), '█ ▁'],
])('%s is drawn as it is', async (_, peaks, line) => {
  services.waveform = { durationMs: 6n, channels: 1, peaks };
  expect((await run('recordings', 'waveform', 'call-1')).text.split('\n')[1]).toBe(line);
});

test('that there is none is said, with what to do', async () => {
  services.waveform = undefined;
  const { code, stderr } = await run('recordings', 'waveform', 'call-1');
  expect(code).toBe(1);
  expect(stderr).toBe('error: call-1 has no waveform\nfix: Play it without one.\n');
});

test('recordings inspect says what envelope inspect says of the manifest', async () => {
  await files.createOwner('one');
  const media = ['main', 'screen'].map((mediaId) => ({
    ...{ mediaId, ciphertext: `${mediaId}.enc`, content: randomBytes(1000), suite: 'cms' as const },
  }));
  await files.seal('recording.json', ['one'], media.slice(0, 1));
  services.manifest = files.read('recording.json');
  for (const options of [['--json'], []]) {
    const of = await run('envelope', 'inspect', 'recording.json', ...options);
    expect(await run('recordings', 'inspect', 'call-1', ...options)).toMatchObject({
      code: 0,
      text: of.text,
    });
    expect(of.text).toContain('sealtrack envelope open recording.json --key');
  }
  await files.seal('recording.json', ['one'], media);
  services.manifest = files.read('recording.json');
  const [whole] = (await run('envelope', 'inspect', 'recording.json', '--json')).json() as [
    { media: object[] },
  ];
  expect((await run('recordings', 'inspect', 'call-1', '--media', 'screen', '--json')).json()).toEqual([
    { ...whole, media: whole.media.slice(1) },
  ]);
});
