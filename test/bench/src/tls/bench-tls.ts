import { once } from 'node:events';
import { type ConnectionOptions, createSecureContext } from 'node:tls';
import { Worker } from 'node:worker_threads';
import { bootstrap } from '@sealtrack/authority/bootstrap';
import { temporaryFolder } from '@sealtrack/testkit/temporary-folder';
import { PLAINTEXT } from '@sealtrack/tls/tls';
import type { Measurement } from '../report.ts';
import { CHUNK_BYTES, type Engine } from './engines/engine.ts';
import { grpcJsEngine } from './engines/grpc-js.ts';
import { sealtrackEngine } from './engines/sealtrack.ts';
import { handshake } from './handshakes.ts';
import { openParty, readParty } from './material.ts';
import type { TlsOptions } from './options.ts';
import {
  CASES,
  ENGINES,
  type EngineName,
  type Rate,
  type Round,
  rowsOf,
  STREAMS,
  type StreamCase,
} from './rows.ts';
import type { Served } from './serve.ts';

/** Calls in flight, and connections being made, at a time. */
const IN_FLIGHT = 16;
const PARALLEL_HANDSHAKES = 4;

/** How fast something was, and how much of it a second of processor time makes: both sides are of this process. */
async function timed(work: () => Promise<number>): Promise<Rate> {
  const [start, cpu] = [performance.now(), process.cpuUsage()];
  const amount = await work();
  const { user, system } = process.cpuUsage(cpu);
  return {
    perSecond: amount / ((performance.now() - start) / 1e3),
    perCpuSecond: amount / ((user + system) / 1e6),
  };
}

/** Over and over, so many at a time. */
const repeated = (milliseconds: number, inFlight: number, once: () => Promise<void>): Promise<Rate> =>
  timed(async () => {
    const start = performance.now();
    let done = 0;
    const keepOn = async () => {
      while (performance.now() - start < milliseconds) {
        await once();
        done += 1;
      }
    };
    await Promise.all(Array.from({ length: inFlight }, keepOn));
    return done;
  });

function measure(engine: Engine, name: StreamCase, { mebibytes, milliseconds }: TlsOptions): Promise<Rate> {
  if (name === 'unary') return repeated(milliseconds, IN_FLIGHT, () => engine.call());
  const chunks = Math.ceil((mebibytes * 2 ** 20) / CHUNK_BYTES);
  return timed(async () => {
    await engine[name](chunks);
    return (chunks * CHUNK_BYTES) / 1e6;
  });
}

interface Sides {
  readonly engines: Readonly<Record<EngineName, Engine>>;
  readonly handshakes: Readonly<Partial<Record<EngineName, () => Promise<void>>>>;
}

async function measureRound(
  { engines, handshakes }: Sides,
  options: TlsOptions,
  order: readonly EngineName[],
): Promise<Round> {
  const slices: Round['slices'][number][] = [];
  for (const name of STREAMS)
    for (const engine of order)
      slices.push({ name, engine, rate: await measure(engines[engine], name, options) });
  for (const engine of order) {
    const once = handshakes[engine];
    if (once === undefined) continue;
    const rate = await repeated(options.milliseconds, PARALLEL_HANDSHAKES, once);
    slices.push({ name: 'handshake', engine, rate });
  }
  return { slices };
}

const describe = ({ slices }: Round): string =>
  CASES.map((name) => {
    const of = slices.filter((slice) => slice.name === name);
    return `${name} ${of.map(({ engine, rate }) => `${engine} ${rate.perSecond.toFixed(0)}`).join(', ')}`;
  }).join('; ');

/** What our connections cost beside the libraries below them, and beside none of it. */
export async function benchTls(options: TlsOptions, say: (line: string) => void): Promise<Measurement[]> {
  await using folder = await temporaryFolder();
  await bootstrap({ dir: folder.path });
  const worker = new Worker(new URL('./serve.ts', import.meta.url), { workerData: { dir: folder.path } });
  try {
    const [served] = (await once(worker, 'message')) as [Served];
    using own = await openParty(folder.path, 'media-encryptor');
    const material = await readParty(folder.path, 'media-encryptor');
    // Once for all connections, which nothing that follows its files could do.
    const bare: ConnectionOptions = { secureContext: createSecureContext(material) };
    await using secured = sealtrackEngine(served.secured, own);
    await using plaintext = sealtrackEngine(served.plaintext, PLAINTEXT);
    await using grpcJs = grpcJsEngine(served.bare, material);
    const sides: Sides = {
      engines: { ours: secured, plaintext, bare: grpcJs },
      handshakes: {
        ours: () => handshake(served.judging, own.client('127.0.0.1')),
        bare: () => handshake(served.believing, bare),
      },
    };
    // What runs first would pay for the compiler.
    await measureRound(sides, options, ENGINES);
    const rounds: Round[] = [];
    for (let round = 1; round <= options.rounds; round += 1) {
      const order = round % 2 === 0 ? ENGINES.toReversed() : ENGINES;
      const measured = await measureRound(sides, options, order);
      rounds.push(measured);
      say(`round ${round}: ${describe(measured)}`);
    }
    return rowsOf(rounds);
  } finally {
    await worker.terminate();
  }
}
