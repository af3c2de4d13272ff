import { setTimeout as delay } from 'node:timers/promises';
import { DecryptionServiceDefinition } from '@sealtrack/contracts/gen/sealtrack/decryption/v1/decryption';
import { IngestServiceDefinition } from '@sealtrack/contracts/gen/sealtrack/ingest/v1/ingest';
import { AppError } from '@sealtrack/errors/app-error';
import { temporaryFolder } from '@sealtrack/testkit/temporary-folder';
import { openTls } from '@sealtrack/tls/open-tls';
import type { Tls } from '@sealtrack/tls/tls';
import { beforeAll, describe, expect, test } from 'vitest';
import { connectRpc } from './client.ts';
import { startRpcServer } from './server.ts';
import { testCa } from './testing/certificates.ts';
import { OPEN_TO_ALL } from './testing/open-to-all.ts';
import { CHUNK, collectingLog, decryption, gate, ingest, part, range, sizeOf } from './testing.ts';

// Over TLS, as streams are where it matters; what is below it is the same without.
let own: Tls;
let transport: Tls;

beforeAll(async () => {
  const folder = await temporaryFolder();
  const ca = await testCa(folder.path);
  own = await openTls(await ca.issueTo('crypto-server'), collectingLog());
  transport = await openTls(await ca.issueTo('pipeline'), collectingLog());
  return async () => {
    own[Symbol.dispose]();
    transport[Symbol.dispose]();
    await folder.remove();
  };
});

const start = (...services: Parameters<typeof startRpcServer>[0]['services']) =>
  startRpcServer({
    access: OPEN_TO_ALL,
    transport: own,
    listen: '127.0.0.1:0',
    log: collectingLog(),
    services,
  });

/** 512 MiB in all. */
const CHUNKS = 2_048;
/** What may lie between a source and a slow consumer: 12 MiB, however long the stream is. */
const BOUND = 48;

/** How far a source got ahead of its consumer. */
function lead() {
  let pulled = 0;
  let taken = 0;
  let most = 0;
  return {
    pull: () => {
      pulled += 1;
      most = Math.max(most, pulled - taken);
    },
    take: async () => {
      taken += 1;
      // Now and then long enough for a source without backpressure to run far ahead.
      if (taken % 64 === 0) await delay(20);
    },
    most: () => most,
  };
}

describe('backpressure', { timeout: 120_000 }, () => {
  test('a slow server holds back the source of a 512 MiB upload', async () => {
    const ahead = lead();
    await using server = await start(
      ingest(async (request) => {
        let size = 0;
        for await (const message of request) {
          size += sizeOf(message);
          await ahead.take();
        }
        return size;
      }),
    );
    await using client = connectRpc(IngestServiceDefinition, server.address, { transport });
    async function* source() {
      for (let i = 0; i < CHUNKS; i += 1) {
        ahead.pull();
        yield part();
      }
    }
    const { receipt } = await client.putRecording(source());
    expect(receipt?.plaintextSize).toBe(BigInt(CHUNKS * CHUNK.length));
    expect(ahead.most()).toBeLessThanOrEqual(BOUND);
  });

  test('a slow client holds back the source of a 512 MiB download', async () => {
    const ahead = lead();
    await using server = await start(
      decryption(async function* () {
        for (let i = 0; i < CHUNKS; i += 1) {
          ahead.pull();
          yield part();
        }
      }),
    );
    await using client = connectRpc(DecryptionServiceDefinition, server.address, { transport });
    let size = 0;
    for await (const message of client.decryptMedia(range(0n))) {
      size += sizeOf(message);
      await ahead.take();
    }
    expect(size).toBe(CHUNKS * CHUNK.length);
    expect(ahead.most()).toBeLessThanOrEqual(BOUND);
  });
});

describe('ends of a stream', () => {
  test('a server that refuses an upload at its header answers at once, and the source is released', async () => {
    await using server = await start(
      ingest(async (request) => {
        for await (const _ of request) {
          throw new AppError('RECORDING_EXISTS', 'It is there already', { fix: 'Use another id.' });
        }
        return 0;
      }),
    );
    await using client = connectRpc(IngestServiceDefinition, server.address, { transport });
    let released = false;
    async function* source() {
      try {
        for (;;) yield part();
      } finally {
        released = true;
      }
    }
    await expect(client.putRecording(source())).rejects.toMatchObject({
      code: 'RECORDING_EXISTS',
      fix: 'Use another id.',
    });
    await expect.poll(() => released).toBe(true);
  });

  test('an error in the middle of a download reaches the client after the bytes before it', async () => {
    await using server = await start(
      decryption(async function* () {
        for (let i = 0; i < 10; i += 1) yield part();
        throw new AppError('DECRYPTION_FAILED', 'Segment 10 did not verify', { fix: 'Restore it.' });
      }),
    );
    await using client = connectRpc(DecryptionServiceDefinition, server.address, { transport });
    let chunks = 0;
    const read = async () => {
      for await (const _ of client.decryptMedia(range(0n))) chunks += 1;
    };
    await expect(read()).rejects.toMatchObject({ code: 'DECRYPTION_FAILED' });
    expect(chunks).toBe(10);
  });

  test('a client that stops reading ends the handler of its download', async () => {
    const stopped = gate();
    await using server = await start(
      decryption(async function* (_request, { signal }) {
        signal.addEventListener('abort', () => stopped.resolve());
        for (;;) yield part();
      }),
    );
    await using client = connectRpc(DecryptionServiceDefinition, server.address, { transport });
    for await (const _ of client.decryptMedia(range(0n))) break;
    await stopped.promise;
  });

  test('a download has no deadline unless it is given one', async () => {
    const deadlines: (Date | undefined)[] = [];
    await using server = await start(
      decryption(async function* (_request, { deadline }) {
        deadlines.push(deadline);
        yield part();
      }),
    );
    await using client = connectRpc(DecryptionServiceDefinition, server.address, {
      transport,
      deadlineMs: 1,
    });
    for await (const _ of client.decryptMedia(range(0n)));
    for await (const _ of client.decryptMedia(range(0n), { deadlineMs: 60_000 }));
    expect(deadlines[0]).toBeUndefined();
    expect(deadlines[1]).toBeInstanceOf(Date);
  });
});
