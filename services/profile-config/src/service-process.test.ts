import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { connectBus } from '@sealtrack/bus/connect';
import { ProfileServiceDefinition } from '@sealtrack/contracts/gen/sealtrack/profiles/v1/profiles';
import { connectRpc } from '@sealtrack/rpc/client';
import { testNats } from '@sealtrack/testkit/test-servers';
import { PLAINTEXT } from '@sealtrack/tls/tls';
import { expect, onTestFinished, test } from 'vitest';
import { certificate, profile, watchParts } from './testing/watch-parts.ts';

const nats = await testNats();
const MAIN = join(import.meta.dirname, '../main.ts');

/** A real process, once it is ready. */
async function startProcess() {
  const child = spawn(process.execPath, [MAIN], {
    env: {
      PATH: process.env.PATH,
      SEALTRACK_TLS: 'off',
      SEALTRACK_LISTEN: '127.0.0.1:0',
      SEALTRACK_NATS_URL: nats.url,
      // Nobody listens there.
      SEALTRACK_CRYPTO_ADDRESS: '127.0.0.1:9',
    },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  const exited = new Promise<number | null>((resolve) => child.on('close', resolve));
  let output = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    output += text;
  });
  const logged = (text: string) => expect.poll(() => output, { timeout: 20_000 }).toContain(text);
  await logged('"ready"');
  const address = /"grpc":"([^"]+)"/.exec(output)?.[1] ?? '';
  return { child, exited, address, logged };
}

test.each([
  ['at once', 0],
  ['when it has noticed', 3_000],
])(
  'asked to stop while the bus is away, it ends within seconds: %s',
  async (_, afterMs) => {
    await using bus = await connectBus({ transport: PLAINTEXT, url: nats.url, name: 'test' });
    const { saveProfile } = await watchParts(bus);
    await saveProfile(profile('demo', '1', [certificate('a', 5)]));
    const { child, exited, address, logged } = await startProcess();
    await logged('looking for revoked certificates failed');
    await using profiles = connectRpc(ProfileServiceDefinition, address, { transport: PLAINTEXT });
    await nats.kill();
    onTestFinished(() => nats.restart());
    const waiting = profiles.createProfile({ tenantId: 'demo', profileId: '2', name: 'Sales' });
    waiting.catch(() => {});
    await new Promise((resolve) => setTimeout(resolve, afterMs));
    const asked = performance.now();
    child.kill('SIGTERM');
    expect(await exited).toBe(0);
    expect(performance.now() - asked).toBeLessThan(12_000);
  },
  60_000,
);
