import { DecryptionServiceDefinition } from '@sealtrack/contracts/gen/sealtrack/decryption/v1/decryption';
import { PLAINTEXT } from '@sealtrack/tls/tls';
import { expect, test } from 'vitest';
import { connectRpc } from './client.ts';
import { startRpcServer } from './server.ts';
import { OPEN_TO_ALL } from './testing/open-to-all.ts';
import { collectingLog, decryption, part, range } from './testing.ts';

test('downloads without end leave the other streams of their connection their turns', async () => {
  await using server = await startRpcServer({
    ...{ transport: PLAINTEXT, listen: '127.0.0.1:0', log: collectingLog(), access: OPEN_TO_ALL },
    services: [
      decryption(async function* ({ range }) {
        for (let left = range?.length ?? 0n; left > 0n; left -= 1n) yield part();
      }),
    ],
  });
  await using client = connectRpc(DecryptionServiceDefinition, server.address, { transport: PLAINTEXT });
  let isOver = false;
  const endless = Array.from({ length: 8 }, async () => {
    for await (const _ of client.decryptMedia(range(2n ** 40n))) if (isOver) break;
  });
  let others = 0;
  const other = async () => {
    for await (const _ of client.decryptMedia(range(8n))) others += 1;
  };
  await Promise.all([other(), other(), other()]);
  expect(others).toBe(24);
  isOver = true;
  await Promise.all(endless);
});
