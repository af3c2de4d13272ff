import { DecryptionServiceDefinition } from '@sealtrack/contracts/gen/sealtrack/decryption/v1/decryption';
import { IngestServiceDefinition } from '@sealtrack/contracts/gen/sealtrack/ingest/v1/ingest';
import { RecordingServiceDefinition } from '@sealtrack/contracts/gen/sealtrack/recordings/v1/recordings';
import { connectRpc } from '@sealtrack/rpc/client';
import { type RpcServer, startRpcServer } from '@sealtrack/rpc/server';
import { decryption, ingest, part, range, recordings, sizeOf } from '@sealtrack/rpc/testing';
import { OPEN_TO_ALL } from '@sealtrack/rpc/testing/open-to-all';
import type { Transport } from '@sealtrack/tls/tls';
import { CHUNK, CHUNK_BYTES, checkSize, type Engine } from './engine.ts';

const silent = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };

export const serveSealtrack = (transport: Transport): Promise<RpcServer> =>
  startRpcServer({
    access: OPEN_TO_ALL,
    transport,
    listen: '127.0.0.1:0',
    log: silent,
    services: [
      ingest(async (parts) => {
        let size = 0;
        for await (const message of parts) size += sizeOf(message);
        return size;
      }),
      decryption(async function* ({ range: wanted }) {
        for (let left = Number(wanted?.length); left > 0; left -= CHUNK_BYTES) yield part(CHUNK);
      }),
      recordings(async () => ({})),
    ],
  });

export function sealtrackEngine(address: string, transport: Transport): Engine {
  const downloads = connectRpc(DecryptionServiceDefinition, address, { transport });
  const uploads = connectRpc(IngestServiceDefinition, address, { transport });
  const calls = connectRpc(RecordingServiceDefinition, address, { transport });
  return {
    async download(chunks) {
      let size = 0;
      for await (const message of downloads.decryptMedia(range(BigInt(chunks * CHUNK_BYTES))))
        size += sizeOf(message);
      checkSize(chunks, size);
    },
    async upload(chunks) {
      async function* source() {
        for (let i = 0; i < chunks; i += 1) yield part(CHUNK);
      }
      const { receipt } = await uploads.putRecording(source());
      checkSize(chunks, Number(receipt?.plaintextSize));
    },
    async call() {
      await calls.getRecording({ tenantId: 'demo', recordingId: 'r1' });
    },
    async [Symbol.asyncDispose]() {
      for (const client of [downloads, uploads, calls]) await client[Symbol.asyncDispose]();
    },
  };
}
