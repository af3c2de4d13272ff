import {
  DecryptionServiceDefinition,
  type ExportPkcs7Response,
} from '@sealtrack/contracts/gen/sealtrack/decryption/v1/decryption';
import type { MediaId, RecordingId, TenantId } from '@sealtrack/ids/ids';
import { connectRpc } from '@sealtrack/rpc/client';
import { PLAINTEXT } from '@sealtrack/tls/tls';
import { expect, test } from 'vitest';
import { openExport } from './open-export.ts';
import { startStubServices } from './testing/stub-services.ts';

const request = {
  ...{ tenantId: 'demo' as TenantId, recordingId: 'call-1' as RecordingId, mediaId: 'main' as MediaId },
  purpose: 'a test',
};
const header: ExportPkcs7Response = {
  part: { $case: 'header', value: { size: 10n, manifest: Buffer.alloc(0) } },
};
const chunk: ExportPkcs7Response = { part: { $case: 'chunk', value: Buffer.alloc(5) } };

test('whoever is done with it ends the call, whether he read it or not', async () => {
  await using stubs = await startStubServices();
  await using client = connectRpc(DecryptionServiceDefinition, stubs.crypto.address, {
    transport: PLAINTEXT,
  });
  const ended = Promise.withResolvers<void>();
  stubs.on.exportPkcs7 = async function* (_, { signal }) {
    signal.addEventListener('abort', () => ended.resolve());
    yield header;
    await ended.promise;
  };
  const { signal } = new AbortController();
  {
    using opened = await openExport(client, request, { signal });
    expect(opened.size).toBe(10);
  }
  await ended.promise;
});

test.each([
  ['does not begin with a header', [chunk]],
  ['is nothing at all', []],
  ['has two headers', [header, header]],
])('what %s is no export', async (_, parts) => {
  await using stubs = await startStubServices();
  await using client = connectRpc(DecryptionServiceDefinition, stubs.crypto.address, {
    transport: PLAINTEXT,
  });
  stubs.on.exportPkcs7 = async function* () {
    yield* parts;
  };
  const read = async () => {
    using opened = await openExport(client, request, { signal: new AbortController().signal });
    for await (const _bytes of opened.bytes);
  };
  await expect(read()).rejects.toMatchObject({ code: 'INTERNAL' });
});
