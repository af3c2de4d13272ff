import { fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { createPlaybackClient } from '@sealtrack/client/create-playback-client';
import { openDoors } from '@sealtrack/launcher/demo/doors';
import { playUrl } from '@sealtrack/launcher/start/play-url';
import { startSystem } from '@sealtrack/launcher/system';
import type { FloodCounts } from './flood.ts';
import { makeTenant, record, TENANT } from './library.ts';
import type { PlaybackOptions } from './options.ts';
import { percentile } from './percentile.ts';

/** Calls a second that one caller may make, and that the one who is well-behaved makes. */
const LIMIT = 50;
const CALM = 20;
const BURST_MS = 10_000;

/** First bytes of a caller that keeps to its limit, in milliseconds, alone and while another one does not. */
export interface Overload {
  readonly calmP50: number;
  readonly calmP99: number;
  readonly besideP50: number;
  readonly besideP99: number;
  readonly admitted: number;
  readonly refused: number;
}

/** On a system of its own, in which a caller may make fewer calls than on others. */
export async function measureOverload(
  dir: string,
  { seconds }: Pick<PlaybackOptions, 'seconds'>,
  say: (line: string) => void,
): Promise<Overload> {
  say('starting a system with lower limits …');
  const env = { 'crypto-server': { SEALTRACK_CALLS_PER_SECOND: String(LIMIT) } };
  await using system = await startSystem({ dir: join(dir, 'overloaded'), env });
  await using doors = await openDoors(system);
  await makeTenant(doors);
  const recorded = await record(doors, 1_000_000);
  const { addresses, connections } = system;
  const player = await connections.transportOf('player');
  await using client = createPlaybackClient({ servers: [addresses.crypto], transport: player });
  const ticket = new URL(await playUrl(system, recorded)).searchParams.get('ticket') ?? '';

  const firsts = async (): Promise<number[]> => {
    const waits: number[] = [];
    const start = performance.now();
    const one = async (at: number) => {
      await sleep(Math.max(0, start + at - performance.now()));
      const asked = performance.now();
      await using media = await client.open({ ...recorded, range: { offset: 0, length: 64_000 } });
      for await (const _ of media.bytes) break;
      waits.push(performance.now() - asked);
    };
    await Promise.all(Array.from({ length: CALM * seconds }, (_, i) => one((i * 1_000) / CALM)));
    return waits;
  };

  await firsts();
  const calm = await firsts();
  await using other = startFlood([
    join(dir, 'overloaded', 'tls'),
    addresses.crypto,
    TENANT,
    recorded.recordingId,
    ticket,
  ]);
  // At first it may make more.
  for (const end = performance.now() + BURST_MS; performance.now() < end; await sleep(100))
    if ((await other.counts()).refused > 0) break;
  await other.counts();
  const start = performance.now();
  const beside = await firsts();
  const lasted = (performance.now() - start) / 1_000;
  const { admitted, refused } = await other.counts();
  const result: Overload = {
    ...{ calmP50: percentile(calm, 50), calmP99: percentile(calm, 99) },
    ...{ besideP50: percentile(beside, 50), besideP99: percentile(beside, 99) },
    ...{ admitted: admitted / lasted, refused: refused / lasted },
  };
  say(
    `overload, ms: alone p50 ${result.calmP50.toFixed(1)} p99 ${result.calmP99.toFixed(1)}; beside ${result.refused.toFixed(0)} refusals a second p50 ${result.besideP50.toFixed(1)} p99 ${result.besideP99.toFixed(1)}`,
  );
  return result;
}

/** In a process of its own, so that the other caller does not wait for it here. */
function startFlood(args: readonly string[]) {
  const child = fork(fileURLToPath(new URL('./flood.ts', import.meta.url)), args);
  return {
    async counts(): Promise<FloodCounts> {
      child.send('count');
      return (await once(child, 'message'))[0] as FloodCounts;
    },
    async [Symbol.asyncDispose]() {
      if (child.connected) child.disconnect();
      if (child.exitCode === null) await once(child, 'exit');
    },
  };
}
