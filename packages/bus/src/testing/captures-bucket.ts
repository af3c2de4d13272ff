import { Objm } from '@nats-io/obj';
import { PLAINTEXT } from '@sealtrack/tls/tls';
import type { Bus } from '../bus.ts';
import { connectBus } from '../connect.ts';
import { type ObjectStore, openObjectStore } from '../object-store.ts';
import { ensureStreams } from '../streams.ts';

export const KIB = 1_024;
export const MIB = 1_024 * KIB;

/** The object store `captures`, empty. */
export interface CapturesBucket extends AsyncDisposable {
  readonly bus: Bus;
  readonly store: ObjectStore;
  /** The same bucket through the client that everybody else uses. */
  readonly stock: Awaited<ReturnType<Objm['open']>>;
  chunksStored(): Promise<number>;
}

export async function capturesBucket(url: string): Promise<CapturesBucket> {
  const bus = await connectBus({ transport: PLAINTEXT, url, name: 'test' });
  await bus.link.manager.streams.delete('OBJ_captures').catch(() => {});
  await ensureStreams(bus);
  return {
    bus,
    store: openObjectStore(bus, 'captures'),
    stock: await new Objm(bus.link.connection).open('captures'),
    chunksStored: async () => {
      const filter = '$O.captures.C.>';
      const { state } = await bus.link.manager.streams.info('OBJ_captures', { subjects_filter: filter });
      return Object.values(state.subjects ?? {}).reduce((sum, count) => sum + count, 0);
    },
    [Symbol.asyncDispose]: () => bus[Symbol.asyncDispose](),
  };
}

export async function* inParts(content: Uint8Array, partBytes: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < content.length; at += partBytes) yield content.subarray(at, at + partBytes);
}

export const readWhole = async (store: ObjectStore, name: string): Promise<Buffer> =>
  Buffer.concat(await Array.fromAsync((await store.get(name)).content));
