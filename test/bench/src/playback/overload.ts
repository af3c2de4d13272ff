import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { createPlaybackClient } from '@sealtrack/client/create-playback-client';
import { DecryptionServiceDefinition } from '@sealtrack/contracts/gen/sealtrack/decryption/v1/decryption';
import { hasCode } from '@sealtrack/errors/app-error';
import { openDoors } from '@sealtrack/launcher/demo/doors';
import { playUrl } from '@sealtrack/launcher/start/play-url';
import { startSystem } from '@sealtrack/launcher/system';
import { connectRpc } from '@sealtrack/rpc/client';
import { makeTenant, record } from './library.ts';
import type { PlaybackOptions } from './options.ts';
import { percentile } from './percentile.ts';

/** Calls a second that one caller may make, and that the one who is well-behaved makes. */
const LIMIT = 100;
const CALM = 40;
const IN_FLIGHT = 64;
const RANGE = { offset: 0n, length: 64_000n };

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
  const transport = await connections.transportOf('playback');
  await using other = connectRpc(DecryptionServiceDefinition, addresses.crypto, { transport });
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

  let isOver = false;
  let [admitted, refused] = [0, 0];
  const flood = async () => {
    while (!isOver)
      try {
        const asked = { ...recorded, mediaId: '', range: RANGE, purpose: '', ticket, clientAddress: '' };
        for await (const _ of other.decryptMedia({ ...asked, headerOnly: false }));
        admitted += 1;
      } catch (error) {
        if (!hasCode(error, 'TOO_MANY_CALLS')) throw error;
        refused += 1;
      }
  };

  await firsts();
  const calm = await firsts();
  const flooding = Promise.all(Array.from({ length: IN_FLIGHT }, flood));
  const beside = await firsts();
  isOver = true;
  await flooding;
  const result: Overload = {
    ...{ calmP50: percentile(calm, 50), calmP99: percentile(calm, 99) },
    ...{ besideP50: percentile(beside, 50), besideP99: percentile(beside, 99) },
    ...{ admitted: admitted / seconds, refused: refused / seconds },
  };
  say(
    `overload, ms: alone p50 ${result.calmP50.toFixed(1)} p99 ${result.calmP99.toFixed(1)}; beside ${result.refused.toFixed(0)} refusals a second p50 ${result.besideP50.toFixed(1)} p99 ${result.besideP99.toFixed(1)}`,
  );
  return result;
}
