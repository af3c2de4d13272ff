import { Objm } from '@nats-io/obj';
import { connect } from '@nats-io/transport-node';
import type { Bus } from '@sealtrack/bus/bus';
import { connectBus } from '@sealtrack/bus/connect';
import { openObjectStore } from '@sealtrack/bus/object-store';
import { ensureStreams } from '@sealtrack/bus/streams';
import { BUCKETS } from '@sealtrack/contracts/subjects';
import { startNats } from '@sealtrack/local-servers/start-nats';
import { PLAINTEXT } from '@sealtrack/tls/tls';
import { chunksOf } from './crypto-limit.ts';

export interface Rates {
  /** Bytes a second. */
  readonly put: number;
  readonly get: number;
}

async function rates(bytes: number, put: () => Promise<unknown>, get: () => Promise<void>): Promise<Rates> {
  const start = performance.now();
  await put();
  const between = performance.now();
  await get();
  return { put: bytes / ((between - start) / 1000), get: bytes / ((performance.now() - between) / 1000) };
}

/** Both clients with the same media, on a NATS in a folder of its own. */
export async function objectStores(dir: string, media: Buffer): Promise<{ ours: Rates; stock: Rates }> {
  await using nats = await startNats({ dir, env: { ...process.env, SEALTRACK_NATS_URL: '' } });
  await using bus = await connectBus({ transport: PLAINTEXT, url: nats.url, name: 'bench' });
  await ensureStreams(bus);
  return { ours: await ourObjectStore(bus, media), stock: await stockObjectStore(nats.url, media) };
}

/** Our client of the Object Store protocol. */
async function ourObjectStore(bus: Bus, media: Buffer): Promise<Rates> {
  const store = openObjectStore(bus, BUCKETS.captures);
  const measured = await rates(
    media.length,
    () => store.put('bench-ours', chunksOf(media)),
    async () => {
      for await (const _ of (await store.get('bench-ours')).content);
    },
  );
  await store.delete('bench-ours');
  return measured;
}

/** The stock client, on the same bucket. */
async function stockObjectStore(natsUrl: string, media: Buffer): Promise<Rates> {
  const connection = await connect({ servers: natsUrl });
  try {
    const store = await new Objm(connection).open(BUCKETS.captures);
    const content = () => ReadableStream.from(chunksOf(media)) as ReadableStream<Uint8Array>;
    const measured = await rates(
      media.length,
      () => store.put({ name: 'bench-stock' }, content()),
      async () => {
        const found = await store.get('bench-stock');
        for await (const _ of found?.data ?? []);
        await found?.error;
      },
    );
    await store.delete('bench-stock');
    return measured;
  } finally {
    await connection.close();
  }
}
