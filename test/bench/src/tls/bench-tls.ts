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
import { ENGINES, type EngineName, type Round, rowsOf, STREAMS, type StreamCase } from './rows.ts';
import type { Served } from './serve.ts';

/** Calls in flight, and connections being made, at a time. */
const IN_FLIGHT = 16;
const PARALLEL_HANDSHAKES = 4;

/** How many a second of something that is done over and over, so many at a time. */
async function perSecond(milliseconds: number, inFlight: number, once: () => Promise<void>): Promise<number> {
  const start = performance.now();
  let done = 0;
  const keepOn = async () => {
    while (performance.now() - start < milliseconds) {
      await once();
      done += 1;
    }
  };
  await Promise.all(Array.from({ length: inFlight }, keepOn));
  return done / ((performance.now() - start) / 1000);
}

async function megabytesPerSecond(
  chunks: number,
  stream: (chunks: number) => Promise<void>,
): Promise<number> {
  const start = performance.now();
  await stream(chunks);
  return (chunks * CHUNK_BYTES) / 1e6 / ((performance.now() - start) / 1000);
}

function measure(engine: Engine, name: StreamCase, { mebibytes, milliseconds }: TlsOptions): Promise<number> {
  if (name === 'unary') return perSecond(milliseconds, IN_FLIGHT, () => engine.call());
  return megabytesPerSecond(Math.ceil((mebibytes * 2 ** 20) / CHUNK_BYTES), (chunks) => engine[name](chunks));
}

interface Sides {
  readonly engines: Readonly<Record<EngineName, Engine>>;
  readonly handshakes: {
    readonly judging: () => Promise<void>;
    readonly bare: () => Promise<void>;
  };
}

async function measureRound(
  { engines, handshakes }: Sides,
  options: TlsOptions,
  order: readonly EngineName[],
) {
  const streams = {
    download: { ...NOTHING },
    upload: { ...NOTHING },
    unary: { ...NOTHING },
  };
  for (const name of STREAMS)
    for (const engine of order) streams[name][engine] = await measure(engines[engine], name, options);
  const rate = (once: () => Promise<void>) => perSecond(options.milliseconds, PARALLEL_HANDSHAKES, once);
  const bare = await rate(handshakes.bare);
  const judging = await rate(handshakes.judging);
  return { streams, handshakes: { bare, judging } } satisfies Round;
}

const NOTHING = { 'sealtrack, mutual TLS': 0, 'sealtrack, plaintext': 0, 'grpc-js alone, mutual TLS': 0 };

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
      engines: {
        'sealtrack, mutual TLS': secured,
        'sealtrack, plaintext': plaintext,
        'grpc-js alone, mutual TLS': grpcJs,
      },
      handshakes: {
        judging: () => handshake(served.judging, own.client('127.0.0.1')),
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
      const { download, upload, unary } = measured.streams;
      const three = (of: typeof download) => ENGINES.map((name) => of[name].toFixed(0)).join(' ');
      const { judging, bare: alone } = measured.handshakes;
      say(
        `round ${round}: download ${three(download)}, upload ${three(upload)}, unary ${three(unary)}, handshakes ${judging.toFixed(0)} ${alone.toFixed(0)}`,
      );
    }
    return rowsOf(rounds);
  } finally {
    await worker.terminate();
  }
}
