import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { getRange } from './gateway.ts';
import type { Stage } from './stage.ts';

const STREAMS = 100;
const STREAMS_PER_TICKET = 8;
const LOOK_MS = 250;
const RUN_MS = 3_000;

export const KINDS = ['stalled by gRPC', 'running by gRPC', 'stalled by HTTP'] as const;
export type Kind = (typeof KINDS)[number];

/** What each stream adds to what is resident, in MB. */
export interface StreamMemory {
  readonly kind: Kind;
  readonly cryptoServer: number;
  readonly gateway: number;
}

/** Of a process, in MB (proc_pid_status(5)). */
function resident(pid: number | undefined): number {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  return (Number(/^VmRSS:\s+(\d+)/m.exec(status)?.[1]) * 1024) / 1e6;
}

type Ends = (() => Promise<unknown>)[];

export async function measureMemory(stage: Stage, say: (line: string) => void): Promise<StreamMemory[]> {
  const { services } = stage.system;
  const pids = [services['crypto-server'].pid, services.playback.pid] as const;
  const kinds: Record<Kind, () => Promise<Ends>> = {
    'stalled by gRPC': () => stalledByGrpc(stage),
    'running by gRPC': () => runningByGrpc(stage),
    'stalled by HTTP': () => stalledByHttp(stage),
  };
  const results: StreamMemory[] = [];
  // What is not given back to the system after one kind counts for the next one, too.
  const before = await atMost(pids, LOOK_MS);
  for (const kind of KINDS) {
    const ends = await kinds[kind]();
    const most = await atMost(pids, RUN_MS);
    await Promise.all(ends.map((end) => end()));
    const [cryptoServer = 0, gateway = 0] = most.map((each, i) => (each - (before[i] ?? 0)) / STREAMS);
    results.push({ kind, cryptoServer, gateway });
    say(
      `${STREAMS} streams ${kind}, MB each: crypto-server ${cryptoServer.toFixed(2)}, gateway ${gateway.toFixed(2)}`,
    );
  }
  return results;
}

/** The most that each had while this was watched. */
async function atMost(pids: readonly (number | undefined)[], ms: number): Promise<number[]> {
  let most = pids.map(resident);
  for (const end = performance.now() + ms; performance.now() < end; await sleep(LOOK_MS))
    most = pids.map((pid, i) => Math.max(most[i] ?? 0, resident(pid)));
  return most;
}

const begin = (one: (stream: number) => Promise<() => Promise<unknown>>): Promise<Ends> =>
  Promise.all(Array.from({ length: STREAMS }, (_, stream) => one(stream)));

const stalledByGrpc = ({ client, large }: Stage): Promise<Ends> =>
  begin(async () => {
    const media = await client.open({ ...large });
    await media.bytes[Symbol.asyncIterator]().next();
    return async () => media[Symbol.asyncDispose]();
  });

const runningByGrpc = ({ client, large }: Stage): Promise<Ends> =>
  begin(async () => {
    const media = await client.open({ ...large });
    let isOver = false;
    const reading = (async () => {
      for await (const _ of media.bytes) if (isOver) break;
    })();
    // It is looked at when it is ended.
    reading.catch(() => {});
    return async () => {
      isOver = true;
      await reading;
    };
  });

async function stalledByHttp(stage: Stage): Promise<Ends> {
  const { large, peers } = stage;
  const urls = await stage.urls(large, Math.ceil(STREAMS / STREAMS_PER_TICKET));
  return await begin(async (stream) => {
    const url = urls[stream % urls.length] ?? '';
    const response = await getRange(url, peers.material, { offset: 0, length: large.bytes });
    // Broken off here: nobody has to be told.
    response.on('error', () => {});
    return async () => response.destroy();
  });
}
