import { appendFile, truncate } from 'node:fs/promises';
import { parseCertificate } from '@sealtrack/certificates/certificate';
import { createSelfSigned } from '@sealtrack/certificates/self-signed';
import type { MediaDecryptFailed } from '@sealtrack/contracts/gen/sealtrack/events/v1/audit';
import { decryptKeyHere } from '@sealtrack/envelope/decrypt-key';
import type { Manifest, SealedManifestMedia } from '@sealtrack/envelope/manifest';
import { recipientFromCertificate } from '@sealtrack/envelope/recipient';
import { createMediaSealer } from '@sealtrack/envelope/seal-media';
import type { SuiteName } from '@sealtrack/envelope/suites';
import { unwrapDek } from '@sealtrack/envelope/unwrap';
import type { AppError } from '@sealtrack/errors/app-error';
import type { RecordingId, TenantId } from '@sealtrack/ids/ids';
import { openFsStore } from '@sealtrack/media-store/fs-store';
import { once } from '@sealtrack/media-store/read-all';
import { temporaryFolder } from '@sealtrack/testkit/temporary-folder';
import { afterAll, describe, expect, test } from 'vitest';
import { createStoredCiphertexts } from './adapters/stored-ciphertexts.ts';
import type { CallerContext } from './caller-context.ts';
import { createDecryptMedia } from './decrypt-media.ts';
import { createExportPkcs7 } from './export-pkcs7.ts';
import type { UnwrapMediaKey } from './unwrap-media-key.ts';

const folder = await temporaryFolder();
afterAll(() => folder.remove());
const store = createStoredCiphertexts(await openFsStore(folder.path));
const { certificatePem, privateKey } = await createSelfSigned({ commonName: 'Test' });
const certificate = parseCertificate(certificatePem);
const plain = Buffer.from(Uint8Array.from({ length: 600_000 }, (_, i) => i % 251));
const silent = { info() {}, warn() {}, error() {} } as never;
const caller: CallerContext = {
  signal: new AbortController().signal,
  peer: 'test',
  names: [],
  traceparent: '',
};
const ids = { tenantId: 'demo' as TenantId, recordingId: 'call-1' as RecordingId, mediaId: '' };

let count = 0;
async function sealed(suite: SuiteName = 'pkcs7') {
  const ciphertextKey = `media-${++count}.enc`;
  const boundTo = [ids.tenantId, ids.recordingId, 'main', 'audio/wav'];
  const recipients = [recipientFromCertificate(certificate)];
  const sealer = createMediaSealer({ suite, recipients, boundTo });
  await store.create(ciphertextKey, sealer.seal(once(plain)));
  const { certificateId } = certificate;
  const details = { mediaId: 'main', contentType: 'audio/wav', certificateIds: [certificateId] };
  const media = { ...details, ciphertext: ciphertextKey, ...sealer.finish() } as SealedManifestMedia;
  const found = {
    manifest: { ...ids } as unknown as Manifest,
    manifestBytes: Buffer.alloc(0),
    media,
    ciphertextKey,
  };
  const findMedia = async () => found;
  const failures: MediaDecryptFailed[] = [];
  const audit = {
    decryptRequested: async () => {},
    exportRequested: async () => {},
    keysUnwrapped: async () => {},
    decryptFailed: async (record: MediaDecryptFailed) => void failures.push(record),
  };
  const deks: Buffer[] = [];
  const unwrap: UnwrapMediaKey = async (_tenantId, envelope, asked) => {
    expect(asked).toEqual([certificateId]);
    const dek = await unwrapDek(envelope, { certificate, privateKey }, decryptKeyHere);
    deks.push(dek);
    return { dek, certificateId };
  };
  const decrypt = createDecryptMedia({ findMedia, unwrap, audit, store, log: silent });
  const range = (offset: number, length: number) =>
    decrypt(
      {
        ...ids,
        purpose: '',
        ticket: '',
        clientAddress: '',
        headerOnly: false,
        range: { offset: BigInt(offset), length: BigInt(length) },
      },
      caller,
    );
  const exported = createExportPkcs7(findMedia, audit, store)({ ...ids, purpose: '' }, caller);
  return { range, exported, failures, media, deks, path: `${folder.path}/${ciphertextKey}` };
}

async function bytesOf(stream: ReturnType<Awaited<ReturnType<typeof sealed>>['range']>): Promise<Buffer> {
  const parts: Buffer[] = [];
  for await (const { part } of stream) if (part?.$case === 'chunk') parts.push(part.value);
  return Buffer.concat(parts);
}

describe.each(['pkcs7', 'cms'] as const)('suite %s', (suite) => {
  test.each([
    ['the whole', 0, 0, 600_000],
    ['a part', 262_140, 10, 10],
    ['what goes over the end, cut short', 599_990, 1_000, 10],
  ])('%s comes back as it was', async (_, offset, length, got) => {
    const { range } = await sealed(suite);
    expect(await bytesOf(range(offset, length))).toEqual(plain.subarray(offset, offset + got));
  });
});

test('the session key is wiped, also when nobody reads on', async () => {
  const { range, deks } = await sealed();
  await bytesOf(range(0, 0));
  for await (const _ of range(0, 0)) break;
  expect(deks.map((dek) => dek.every((byte) => byte === 0))).toEqual([true, true]);
});

test('a ciphertext that was cut off is damage, never a range of the caller, in whole or in part', async () => {
  const { range, exported, path } = await sealed();
  await truncate(path, 262_144);
  await expect(bytesOf(range(0, 0))).rejects.toMatchObject({ code: 'DECRYPTION_FAILED' });
  await expect(bytesOf(range(300_000, 5))).rejects.toMatchObject({ code: 'DECRYPTION_FAILED' });
  await expect(Array.fromAsync(exported)).rejects.toMatchObject({ code: 'DECRYPTION_FAILED' });
});

test.each(['pkcs7', 'cms'] as const)(
  'a ciphertext of %s with bytes behind its end is damage, in whole and in part',
  async (suite) => {
    const { range, exported, failures, path } = await sealed(suite);
    await appendFile(path, Buffer.alloc(16));
    await expect(bytesOf(range(0, 0))).rejects.toMatchObject({ code: 'DECRYPTION_FAILED' });
    await expect(bytesOf(range(300_000, 5))).rejects.toMatchObject({ code: 'DECRYPTION_FAILED' });
    await expect(Array.fromAsync(exported)).rejects.toMatchObject({ code: 'DECRYPTION_FAILED' });
    expect(failures).toMatchObject(Array(2).fill({ failedCheck: 'ciphertext too long' }));
  },
);

test('which check failed stands in the audit, and is told to nobody', async () => {
  const { range, failures, path } = await sealed();
  await truncate(path, 262_160);
  const failure: unknown = await bytesOf(range(300_000, 5)).catch((error: unknown) => error);
  const { message, fix, details, cause } = failure as AppError;
  expect(JSON.stringify([message, fix, details, cause ?? null])).not.toMatch(/short|segment/);
  expect(failures).toMatchObject([{ recordingId: 'call-1', failedCheck: 'ciphertext too short' }]);
});

test('of media whose entry was changed not even the header goes out', async () => {
  const { range, failures, media } = await sealed();
  media.contentType = 'text/html';
  const parts: string[] = [];
  const reading = async () => {
    for await (const { part } of range(0, 0)) parts.push(part?.$case ?? '');
  };
  await expect(reading()).rejects.toMatchObject({ code: 'DECRYPTION_FAILED' });
  expect(parts).toEqual([]);
  expect(failures).toMatchObject([{ failedCheck: 'envelope MAC' }]);
});

test("a range that begins past the end is the caller's to correct", async () => {
  const { range } = await sealed();
  await expect(bytesOf(range(600_000, 1))).rejects.toMatchObject({ code: 'RANGE_NOT_SATISFIABLE' });
});
