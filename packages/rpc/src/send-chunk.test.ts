import { DecryptionServiceDefinition } from '@sealtrack/contracts/gen/sealtrack/decryption/v1/decryption';
import { PLAINTEXT } from '@sealtrack/tls/tls';
import { expect, test } from 'vitest';
import { connectRpc } from './client.ts';
import { giveAway, givenAway } from './give-away.ts';
import { startRpcServer } from './server.ts';
import { OPEN_TO_ALL } from './testing/open-to-all.ts';
import { collectingLog, decryption, part, range } from './testing.ts';

const KIB = 1024;
/** Around where a varint grows by a byte, where Node's pool ends, and what our segments are. */
const SIZES = [0, 1, 127, 128, 16_383, 16_384, 64 * KIB, 64 * KIB + 1, 256 * KIB, 3 * KIB * KIB];
const filled = (size: number, i: number) => Buffer.alloc(size, i + 1);

async function serving(chunks: () => readonly Buffer[], maxMessageBytes?: number) {
  const server = await startRpcServer({
    ...{ transport: PLAINTEXT, listen: '127.0.0.1:0', log: collectingLog(), access: OPEN_TO_ALL },
    ...(maxMessageBytes === undefined ? {} : { maxMessageBytes }),
    services: [
      decryption(async function* () {
        for (const chunk of chunks()) yield part(chunk);
      }),
    ],
  });
  const client = connectRpc(DecryptionServiceDefinition, server.address, {
    transport: PLAINTEXT,
    windowBytes: 64 * KIB,
  });
  return {
    async read(): Promise<Buffer[]> {
      const read: Buffer[] = [];
      for await (const { part } of client.decryptMedia(range(0n)))
        if (part?.$case === 'chunk') read.push(Buffer.from(part.value));
      return read;
    },
    async [Symbol.asyncDispose]() {
      await client[Symbol.asyncDispose]();
      await server[Symbol.asyncDispose]();
    },
  };
}

test('chunks of any size arrive as they were, and stay so where they come from', async () => {
  const chunks = SIZES.map(filled);
  await using served = await serving(() => chunks);
  const read = await served.read();
  expect(read.map((chunk, i) => chunk.equals(filled(SIZES[i] ?? 0, i)))).toEqual(SIZES.map(() => true));
  expect(chunks.map((chunk, i) => chunk.equals(filled(SIZES[i] ?? 0, i)))).toEqual(SIZES.map(() => true));
});

test('what was given away arrives as it was, and is gone where it came from', async () => {
  const chunks = SIZES.map(filled);
  const small = Buffer.from('of the pool');
  const beside = Buffer.from('beside it');
  await using served = await serving(() => [...chunks, small].map(giveAway));
  const read = await served.read();
  expect(read.map(({ length }) => length)).toEqual([...SIZES, small.length]);
  expect(read.slice(0, -1).every((chunk, i) => chunk.equals(filled(SIZES[i] ?? 0, i)))).toBe(true);
  await expect.poll(() => chunks.map(({ length }) => length > 64 * KIB)).toEqual(SIZES.map(() => false));
  expect([String(small), String(beside)]).toEqual(['of the pool', 'beside it']);
});

test('every chunk of a handler can be given away', async () => {
  const chunk = filled(256 * KIB, 0);
  async function* messages() {
    yield { part: { $case: 'header', value: {} } };
    yield part(chunk);
  }
  for await (const _ of givenAway(messages()));
  await using served = await serving(() => [chunk]);
  expect((await served.read())[0]?.equals(filled(256 * KIB, 0))).toBe(true);
  await expect.poll(() => chunk.length).toBe(0);
});

test('a message that is too long is refused, and nothing of it sent', async () => {
  const chunk = giveAway(filled(256 * KIB, 0));
  await using served = await serving(() => [chunk], 128 * KIB);
  await expect(served.read()).rejects.toMatchObject({ details: expect.anything() });
  expect(chunk.length).toBe(256 * KIB);
});
