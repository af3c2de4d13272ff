import { setTimeout as delay } from 'node:timers/promises';
import { DecryptionServiceDefinition } from '@sealtrack/contracts/gen/sealtrack/decryption/v1/decryption';
import { PLAINTEXT } from '@sealtrack/tls/tls';
import { expect, test } from 'vitest';
import { connectRpc } from './client.ts';
import { startRpcServer } from './server.ts';
import { OPEN_TO_ALL } from './testing/open-to-all.ts';
import { CHUNK, collectingLog, decryption, part, range, sizeOf } from './testing.ts';
import { RESPONSES_AHEAD, WINDOW_BYTES } from './tuning.ts';

/** In the server, in the window and in the client; one that is being made, one that has begun, and one that was taken. */
const BOUND = 2 * RESPONSES_AHEAD + WINDOW_BYTES / CHUNK.length + 3;
const MESSAGES = 64;

test('a client that takes nothing more holds a few messages, and gets all of them when it goes on', async () => {
  let made = 0;
  await using server = await startRpcServer({
    ...{ transport: PLAINTEXT, listen: '127.0.0.1:0', log: collectingLog(), access: OPEN_TO_ALL },
    services: [
      decryption(async function* () {
        for (; made < MESSAGES; made += 1) yield part();
      }),
    ],
  });
  await using client = connectRpc(DecryptionServiceDefinition, server.address, { transport: PLAINTEXT });
  let size = 0;
  for await (const message of client.decryptMedia(range(0n))) {
    size += sizeOf(message);
    if (size > CHUNK.length) continue;
    for (let before = -1; before < made; await delay(100)) before = made;
    expect(made).toBeLessThanOrEqual(BOUND);
  }
  expect(size).toBe(MESSAGES * CHUNK.length);
});
