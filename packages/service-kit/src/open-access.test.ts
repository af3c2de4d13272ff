import { renameSync, writeFileSync } from 'node:fs';
import { temporaryFolder } from '@sealtrack/testkit/temporary-folder';
import { PLAINTEXT, type Transport } from '@sealtrack/tls/tls';
import { afterAll, afterEach, expect, test, vi } from 'vitest';
import { createCallAccess } from './call-access.ts';
import { noMetrics } from './metrics.ts';
import { openAccess } from './open-access.ts';
import { openTransport } from './open-transport.ts';
import { launch } from './testing/launch.ts';
import { noteLines } from './testing/note-lines.ts';
import { readTlsSettings } from './tls-settings.ts';

const folder = await temporaryFolder();
afterAll(() => folder.remove());
afterEach(() => void vi.useRealTimers());

const SECURED = {} as Transport;
const file = `${folder.path}/policy.json`;
const policy = (who: string) =>
  JSON.stringify({ version: 1, grants: [{ who: [who], role: 'player', tenants: ['acme'] }] });
/** In one step, since it may be looking right now. */
function write(text: string): void {
  writeFileSync(`${file}.new`, text);
  renameSync(`${file}.new`, file);
}

test('a file that changes is followed without a restart, and one that is half written changes nothing', async () => {
  write(policy('one.example'));
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
  const { lines, log } = noteLines();
  const opened = await openAccess(file, SECURED, log);
  const may = (name: string) => {
    try {
      opened.access.authorise([name], 'media.play', 'acme');
      return true;
    } catch {
      return false;
    }
  };
  const who = () => ['one.example', 'two.example'].filter(may);
  const untilSaid = (count: number) =>
    vi.waitFor(
      async () => {
        await vi.advanceTimersByTimeAsync(1_000);
        expect(lines).toHaveLength(count);
      },
      { timeout: 30_000, interval: 10 },
    );
  expect(who()).toEqual(['one.example']);
  write(policy('two.example').slice(0, -3));
  await untilSaid(2);
  expect(lines[1]).toMatchObject({
    level: 'error',
    message: expect.stringContaining('the one before stays'),
  });
  expect(who()).toEqual(['one.example']);
  write(policy('two.example'));
  await untilSaid(3);
  expect(who()).toEqual(['two.example']);
  opened[Symbol.dispose]();
  expect(vi.getTimerCount()).toBe(0);
});

test.each([
  ['secured', SECURED, 'PERMISSION_DENIED'],
  ['in plaintext', PLAINTEXT, 'done'],
] as const)('without a file, %s: who shows no certificate gets %3$s', async (_, transport, outcome) => {
  using opened = await openAccess(undefined, transport, noteLines().log);
  const attempt = async () => opened.access.authorise([], 'media.play', 'acme');
  expect(
    await attempt().then(
      () => 'done',
      (error) => error.code,
    ),
  ).toBe(outcome);
  // The built-in policy, or everybody.
  opened.access.authorise(['player'], 'media.play', 'acme');
});

test('a file counts in plaintext too', async () => {
  write(policy('anonymous'));
  using opened = await openAccess(file, PLAINTEXT, noteLines().log);
  opened.access.authorise([], 'media.play', 'acme');
  expect(() => opened.access.authorise([], 'media.play', 'other')).toThrow('certificate');
});

test('the warning of plaintext says whether anybody may do everything', async () => {
  const off = readTlsSettings({ SEALTRACK_TLS: 'off' });
  for (const isOpenToAll of [true, false]) {
    const { lines, log } = noteLines();
    using _ = await openTransport(off, log, { isOpenToAll });
    expect(lines[0]?.message.includes('anybody may do everything')).toBe(isOpenToAll);
  }
});

test('--check-config says what is wrong with the file, and a service does not start on it', async () => {
  write(policy('*'));
  const run = launch({ SEALTRACK_ACCESS_POLICY: file }, '--check-config');
  expect(await run.exited).toEqual({ code: 1 });
  expect(run.err()).toContain(`SEALTRACK_ACCESS_POLICY names ${file}, in which:`);
  expect(run.err()).toMatch(/grants\.0\.who\.0 is not the DNS name of a certificate/);
  await expect(openAccess(`${file}.none`, SECURED, noteLines().log)).rejects.toMatchObject({
    code: 'CONFIG_INVALID',
    details: { SEALTRACK_ACCESS_POLICY: expect.stringContaining('ENOENT') },
  });
});

test('refused calls are counted by what they would have taken', async () => {
  const counted: unknown[] = [];
  const counter = () => ({ add: (...all: unknown[]) => void counted.push(all) });
  const told: unknown[] = [];
  using opened = await openAccess(undefined, SECURED, noteLines().log);
  const calls = createCallAccess(opened.access, { ...noMetrics, counter } as typeof noMetrics, (call) =>
    told.push(call.path),
  );
  const path = '/sealtrack.decryption.v1.DecryptionService/DecryptMedia';
  const refuse = (names: readonly string[], request: object) => {
    try {
      calls.authorise(path, names, request);
    } catch (error) {
      calls.refused({ path, names, via: [], request, traceparent: undefined, error: error as never });
    }
  };
  refuse(['player'], { tenantId: 'acme' });
  refuse(['pipeline'], { tenantId: 'acme' });
  expect([counted, told]).toEqual([[[1, { action: 'media.play' }]], [path]]);
});
