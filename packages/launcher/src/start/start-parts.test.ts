import { spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { temporaryFolder } from '@sealtrack/testkit/temporary-folder';
import { afterAll, describe, expect, test } from 'vitest';
import { chooseFolder } from './choose-folder.ts';
import { commandsToTry } from './commands-to-try.ts';
import { untilServerEnds } from './until-ended.ts';

const folder = await temporaryFolder();
afterAll(() => folder.remove());

describe('the folder', () => {
  const hold = (name: string, pid: number | undefined): void => {
    mkdirSync(join(folder.path, '.data', name), { recursive: true });
    writeFileSync(join(folder.path, '.data', name, 'owner.pid'), String(pid));
  };

  test('is another one while a system runs in the usual one', () => {
    const usual = join(folder.path, '.data/start');
    expect(chooseFolder(folder.path)).toEqual({ dir: usual, heldBy: undefined });
    hold('start', process.pid);
    expect(chooseFolder(folder.path)).toEqual({ dir: `${usual}-2`, heldBy: process.pid });
    hold('start-2', process.pid);
    expect(chooseFolder(folder.path)).toEqual({ dir: `${usual}-3`, heldBy: process.pid });
    hold('start', spawnSync('true').pid);
    expect(chooseFolder(folder.path)).toEqual({ dir: usual, heldBy: undefined });
  });
});

describe('the commands to try', () => {
  const addresses = { ingest: 'i:1', recordings: 'r:1', crypto: 'c:1', profiles: 'p:1' };
  const system = { addresses, natsUrl: 'nats://n:1', playbackUrl: 'https://127.0.0.1:1' };
  const first = {
    system,
    tls: undefined,
    isHidden: false,
    readyProfile: undefined,
    sample: 'call.wav',
    ticketKey: 'ticket-key.pem',
    recordingId: 'call-1',
  };

  test('begin with keys and a profile where there are none', () => {
    const commands = commandsToTry(first);
    expect(commands[0]).toMatch(/^openssl req/);
    expect(commands).toContain('npx sealtrack recordings put call.wav --profile 101 --id call-1');
    expect(commands).toContain(
      'npx sealtrack tickets create --issuer local --key ticket-key.pem --recording call-1 --playback-url https://127.0.0.1:1',
    );
  });

  test('do not make again what an earlier run has left', () => {
    const commands = commandsToTry({ ...first, readyProfile: '202' });
    expect(commands.join('\n')).not.toMatch(/profiles create|tenant\.key/);
    expect(commands[0]).toContain('--profile 202');
    const withKey = commandsToTry({ ...first, readyProfile: '1001', readyKey: 'sample/demo.key' });
    expect(withKey.join('\n')).toContain('-inkey sample/demo.key | cmp - call.wav');
  });

  test('say what to connect to a second system with', () => {
    const files = (dir: string) => ({
      certificate: `${dir}/cert.pem`,
      certificateKey: '/c/key.pem',
      trustedCa: '/c/ca.pem',
    });
    const tls = {
      ...{ administrator: files('/a b'), operator: files('/o'), auditor: files('/u') },
      ...{ player: files('/play'), pipeline: files('/pipe') },
    };
    const commands = commandsToTry({ ...first, isHidden: true, tls });
    const as = (dir: string) =>
      `SEALTRACK_TLS_CERTIFICATE=${dir}/cert.pem SEALTRACK_TLS_CERTIFICATE_KEY=/c/key.pem npx sealtrack`;
    expect(commands).toContain(`${as('/pipe')} recordings put call.wav --profile 101 --id call-1`);
    expect(commands).toContain(`${as('/play')} recordings get call-1 --out call-1.wav`);
    expect(commands).toEqual(
      expect.arrayContaining([
        "export SEALTRACK_TLS_CERTIFICATE='/a b/cert.pem'",
        'export SEALTRACK_TLS_CERTIFICATE_KEY=/c/key.pem',
        'export SEALTRACK_TLS_TRUSTED_CA=/c/ca.pem',
      ]),
    );
  });

  test('say where a second system is, and quote what a shell would cut', () => {
    const commands = commandsToTry({ ...first, isHidden: true, sample: "it's here/call.wav" });
    expect(commands.slice(0, 3).join(' ')).toContain('SEALTRACK_CRYPTO_ADDRESS=c:1');
    expect(commands).toContain('export SEALTRACK_TLS=off');
    const [line = ''] = commands.filter((command) => command.includes('recordings put'));
    const words = spawnSync('sh', ['-c', `printf '%s\\n' ${line}`], { encoding: 'utf8' }).stdout.split('\n');
    expect(words).toContain("it's here/call.wav");
  });
});

describe('a server that ends', () => {
  const server = (pid: number | undefined) => ({ pid }) as Parameters<typeof untilServerEnds>[0]['nats'];

  test('is named with its log', async () => {
    const { signal } = new AbortController();
    const redis = { pid: 1 as number | undefined };
    const ended = untilServerEnds(
      { nats: server(1), redis: redis as ReturnType<typeof server> },
      '/data',
      signal,
    );
    redis.pid = undefined;
    expect(await ended).toEqual({ name: 'redis', logFile: '/data/redis/redis.log' });
  });

  test('is of no interest when somebody else runs it', async () => {
    const signal = AbortSignal.timeout(50);
    expect(
      await untilServerEnds({ nats: server(undefined), redis: server(1) }, '/data', signal),
    ).toBeUndefined();
  });
});
