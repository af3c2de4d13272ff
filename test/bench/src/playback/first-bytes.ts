import { privateDecrypt } from 'node:crypto';
import { connectBus } from '@sealtrack/bus/connect';
import { SUBJECTS } from '@sealtrack/contracts/subjects';
import { median } from '../envelope/median.ts';
import { type Recorded, TENANT } from './library.ts';
import { grpcJsClient } from './peers/grpc-js.ts';
import type { Stage } from './stage.ts';
import { encryptTo } from './wrapped-key.ts';

/** What a player asks for at a time: a second of telephone sound is 8 KB. */
const RANGE_BYTES = 64 * 1024;
/** As large as a record of the audit is. */
export const RECORD_BYTES = 700;

export const FIRST_BYTES = [
  'cold',
  'warm',
  'cold, end of the large one',
  'warm, end of the large one',
] as const;
export type FirstByte = (typeof FIRST_BYTES)[number];
export const BARE_PARTS = ['unary call', 'RSA operation', 'audit ack'] as const;
export type BarePart = (typeof BARE_PARTS)[number];

/** Medians, in milliseconds. */
export type FirstBytes = Readonly<Record<FirstByte | BarePart, number>>;

async function took(work: () => Promise<unknown> | unknown): Promise<number> {
  const start = performance.now();
  await work();
  return performance.now() - start;
}

/**
 * One after the other, nothing else under way. In each turn every small recording is played once and then the large one, which are
 * more than the server keeps the session keys of: so none is there. The last one again, then: so it is.
 */
export async function measureFirstBytes(stage: Stage, say: (line: string) => void): Promise<FirstBytes> {
  const { client, small, large, options } = stage;
  const times: Record<FirstByte | BarePart, number[]> = {
    ...{ cold: [], warm: [], 'cold, end of the large one': [], 'warm, end of the large one': [] },
    ...{ 'unary call': [], 'RSA operation': [], 'audit ack': [] },
  };
  const play = async (recorded: Recorded, offset: number, as: FirstByte) => {
    const start = performance.now();
    await using media = await client.open({ ...recorded, range: { offset, length: RANGE_BYTES } });
    let first = 0;
    for await (const _ of media.bytes) first ||= performance.now() - start;
    times[as].push(first);
  };
  await using bare = await bareParts(stage);
  const end = large.bytes - RANGE_BYTES;
  const turns = Math.max(2, Math.ceil(options.samples / 10));
  for (let turn = 0; turn < turns; turn++) {
    for (const recorded of small) await play(recorded, 0, 'cold');
    await play(large, end, 'cold, end of the large one');
    const again = Math.ceil(options.samples / turns);
    for (let i = 0; i < again; i++) {
      await play(large, end, 'warm, end of the large one');
      await play(small.at(-1) ?? large, 0, 'warm');
      for (const part of BARE_PARTS) times[part].push(await took(bare[part]));
    }
    // What came first in each pays for compilers.
    if (turn === 0) for (const all of Object.values(times)) all.length = 0;
  }
  const medians = Object.fromEntries(Object.entries(times).map(([name, all]) => [name, median(all)]));
  say(
    `first bytes, ms: ${Object.entries(medians)
      .map(([name, ms]) => `${name} ${ms.toFixed(2)}`)
      .join('; ')}`,
  );
  return medians as FirstBytes;
}

/** What no first byte can do without, each as bare as there is. */
async function bareParts({ peers, system, recipient }: Stage) {
  await using stack = new AsyncDisposableStack();
  const { served, material } = peers;
  const calls = stack.use(grpcJsClient('raw', served.grpcJs.raw, material));
  const transport = await system.connections.transportOf('crypto-server');
  const bus = stack.use(await connectBus({ transport, url: system.natsUrl, name: 'bench' }));
  const { key, encrypted } = encryptTo(recipient);
  const record = Buffer.alloc(RECORD_BYTES, 'a');
  const owned = stack.move();
  return {
    'unary call': () => calls.call(),
    'RSA operation': () => privateDecrypt(key, encrypted),
    'audit ack': () => bus.link.jetstream.publish(SUBJECTS.audit(TENANT, 'bench'), record),
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}
