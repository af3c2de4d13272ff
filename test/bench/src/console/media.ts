import { createPlaybackClient } from '@sealtrack/client/create-playback-client';
import { playUrl } from '@sealtrack/launcher/start/play-url';
import { median } from '../envelope/median.ts';
import { gatewayClient } from '../playback/gateway.ts';
import { type Recorded, record, TENANT } from '../playback/library.ts';
import { type Measurement, measurement } from '../report.ts';
import { trustedBy } from './browser.ts';
import type { Stage } from './stage.ts';

const MIB = 2 ** 20;
/** Of what the gateway does. */
const GATEWAY_GOAL = 0.9;

const WAYS = ['console', 'gateway', 'gRPC'] as const;
type Way = (typeof WAYS)[number];
/** MB a second. */
export type MediaRates = Readonly<Record<Way, number>>;

/** A whole recording, each way in turn. */
export async function measureMedia(stage: Stage, say: (line: string) => void): Promise<MediaRates> {
  const { system, doors, browser, options } = stage;
  const large = await record(doors, options.mebibytes * MIB);
  await using stack = new AsyncDisposableStack();
  const transport = await system.connections.transportOf('player');
  const client = stack.use(createPlaybackClient({ servers: [system.addresses.crypto], transport }));
  const gateway = stack.use(gatewayClient({ ca: await trustedBy(system) }));
  const url = await playUrl(system, { ...large, lifetimeSeconds: 1_800 });
  const path = `/tenants/${TENANT}/recordings/${large.recordingId}/media/main`;
  const ways: Record<Way, () => Promise<AsyncIterable<Uint8Array>>> = {
    console: () => browser.open(path),
    gateway: () => gateway.open(url, { offset: 0, length: large.bytes }),
    gRPC: async () => (await client.open(large)).bytes,
  };
  const rates: Record<Way, number[]> = { console: [], gateway: [], gRPC: [] };
  // What comes first pays for connections and compilers.
  for (const way of WAYS) await download(large, way, ways[way]);
  for (let round = 1; round <= options.rounds; round += 1) {
    for (const way of round % 2 === 0 ? WAYS.toReversed() : WAYS)
      rates[way].push(await download(large, way, ways[way]));
    say(`media ${round}, MB/s: ${WAYS.map((way) => `${way} ${rates[way].at(-1)?.toFixed(0)}`).join('; ')}`);
  }
  return { console: median(rates.console), gateway: median(rates.gateway), gRPC: median(rates.gRPC) };
}

async function download(
  { bytes }: Recorded,
  way: Way,
  open: () => Promise<AsyncIterable<Uint8Array>>,
): Promise<number> {
  const started = performance.now();
  let came = 0;
  for await (const chunk of await open()) came += chunk.byteLength;
  if (came !== bytes) throw new Error(`${way}: ${came} bytes came instead of ${bytes}`);
  return bytes / 1e3 / (performance.now() - started);
}

export function mediaRows(rates: MediaRates, mebibytes: number): Measurement[] {
  const row = (engine: string, metric: string) => ({
    ...{ bench: 'console', case: `media, ${mebibytes} MiB`, engine, metric, unit: 'MB/s' },
  });
  const { console: value, gateway, gRPC } = rates;
  return [
    measurement({ ...row('sealtrack', 'beside the gateway'), value, limit: gateway, goal: GATEWAY_GOAL }),
    measurement({ ...row('sealtrack', 'beside gRPC'), value, limit: gRPC }),
  ];
}
