/** A caller that makes calls as fast as it can, in a process of its own; told to begin and to count by messages. */
import { DecryptionServiceDefinition } from '@sealtrack/contracts/gen/sealtrack/decryption/v1/decryption';
import { hasCode } from '@sealtrack/errors/app-error';
import { connectRpc } from '@sealtrack/rpc/client';
import { openParty } from '../tls/material.ts';

/** Since it was asked last. */
export interface FloodCounts {
  readonly admitted: number;
  readonly refused: number;
}

const IN_FLIGHT = 32;
const RANGE = { offset: 0n, length: 64_000n };

const [dir = '', address = '', tenantId = '', recordingId = '', ticket = ''] = process.argv.slice(2);
const transport = await openParty(dir, 'playback');
const client = connectRpc(DecryptionServiceDefinition, address, { transport });
let [admitted, refused] = [0, 0];

async function flood(): Promise<never> {
  for (;;)
    try {
      const asked = {
        tenantId,
        recordingId,
        mediaId: '',
        range: RANGE,
        purpose: '',
        ticket,
        clientAddress: '',
      };
      for await (const _ of client.decryptMedia({ ...asked, headerOnly: false }));
      admitted += 1;
    } catch (error) {
      if (!hasCode(error, 'TOO_MANY_CALLS')) throw error;
      refused += 1;
    }
}

process.on('disconnect', () => process.exit());
process.on('message', () => {
  process.send?.({ admitted, refused } satisfies FloodCounts);
  [admitted, refused] = [0, 0];
});
await Promise.all(Array.from({ length: IN_FLIGHT }, flood));
