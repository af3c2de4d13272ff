import { cpuSeconds } from '../ingest/cpu.ts';
import { readUrl } from './gateway.ts';
import { CODEC_NAMES, CODECS } from './peers/codecs.ts';
import { type Downloads, grpcJsClient } from './peers/grpc-js.ts';
import { httpsClient } from './peers/https.ts';
import type { Stage } from './stage.ts';

/** What the issue measured peers with. */
const PEER_CHUNK_BYTES = 64 * 1024;

export const OURS = 'sealtrack';
export const GATEWAY = 'sealtrack, HTTP gateway';
export const HTTPS = 'node:https alone';
export const PEERS = CODEC_NAMES.map((name) => CODECS[name].name);

/** One download, in MB a second, of the clock's and of the processor's on each side. */
export interface Download {
  readonly engine: string;
  readonly perSecond: number;
  /** Of all that served. */
  readonly perServerSecond: number;
  readonly perClientSecond: number;
  /** Both together. */
  readonly perCpuSecond: number;
}

interface Engine {
  readonly name: string;
  /** Who serves. */
  readonly pids: readonly (number | undefined)[];
  download(bytes: number): Promise<number>;
}

async function timed({ name, pids, download }: Engine, bytes: number): Promise<Download> {
  const served = () => pids.reduce<number>((sum, pid) => sum + (cpuSeconds(pid) ?? 0), 0);
  const [before, cpu, start] = [served(), process.cpuUsage(), performance.now()];
  const came = await download(bytes);
  const seconds = (performance.now() - start) / 1e3;
  const { user, system } = process.cpuUsage(cpu);
  const [server, client] = [served() - before, (user + system) / 1e6];
  if (came !== bytes) throw new Error(`${name}: ${came} bytes came instead of ${bytes}`);
  const megabytes = bytes / 1e6;
  // The system counts in hundredths of a second.
  const per = (time: number) => megabytes / Math.max(time, 0.01);
  return {
    engine: name,
    perSecond: per(seconds),
    perServerSecond: per(server),
    perClientSecond: per(client),
    perCpuSecond: per(server + client),
  };
}

const peer = (name: string, pid: number | undefined, client: Downloads): Engine => ({
  ...{ name, pids: [pid] },
  download: (bytes) => client.download({ bytes, chunkBytes: PEER_CHUNK_BYTES }),
});

/** Everything once in turn, and once more in the opposite order, and so on; what runs first pays for compilers and sessions. */
export async function measureDownloads(stage: Stage, say: (line: string) => void): Promise<Download[]> {
  const { options, peers, client, large, system } = stage;
  const { pid, served, material } = peers;
  const { services } = system;
  await using stack = new AsyncDisposableStack();
  const [url = ''] = await stage.urls(large, 1);
  const engines: Engine[] = [
    ...CODEC_NAMES.map((name) =>
      peer(CODECS[name].name, pid, stack.use(grpcJsClient(name, served.grpcJs[name], material))),
    ),
    peer(HTTPS, pid, stack.use(httpsClient(served.https, material))),
    {
      name: OURS,
      pids: [services['crypto-server'].pid],
      async download(bytes) {
        let size = 0;
        const media = await client.open({ ...large, range: { offset: 0, length: bytes } });
        for await (const chunk of media.bytes) size += chunk.byteLength;
        return size;
      },
    },
    {
      name: GATEWAY,
      pids: [services['crypto-server'].pid, services.playback.pid],
      download: (bytes) => readUrl(url, material, { offset: 0, length: bytes }),
    },
  ];
  const bytes = Math.min(options.mebibytes * 2 ** 20, large.bytes);
  for (const engine of engines) await timed(engine, Math.ceil(bytes / 8));
  const downloads: Download[] = [];
  for (let round = 1; round <= options.rounds; round++) {
    const order = round % 2 === 0 ? engines.toReversed() : engines;
    for (const engine of order) downloads.push(await timed(engine, bytes));
    const rates = downloads
      .slice(-engines.length)
      .map((each) => `${each.engine} ${each.perSecond.toFixed(0)}`);
    say(`downloads ${round}, MB/s: ${rates.join('; ')}`);
  }
  return downloads;
}
