import { createPrivateKey } from 'node:crypto';
import { parseCertificate } from '@sealtrack/certificates/certificate';
import { createSelfSigned } from '@sealtrack/certificates/self-signed';
import { decryptKeyHere } from '@sealtrack/envelope/decrypt-key';
import { parseEnvelope } from '@sealtrack/envelope/envelope';
import { type Manifest, sealedMedia, taggedMedia } from '@sealtrack/envelope/manifest';
import { openMedia } from '@sealtrack/envelope/open-media';
import { recipientFromCertificate } from '@sealtrack/envelope/recipient';
import { unwrapDek } from '@sealtrack/envelope/unwrap';
import { AppError } from '@sealtrack/errors/app-error';
import { openFsStore } from '@sealtrack/media-store/fs-store';
import type { MediaStore } from '@sealtrack/media-store/media-store';
import { once } from '@sealtrack/media-store/read-all';
import { temporaryFolder } from '@sealtrack/testkit/temporary-folder';
import { afterAll, beforeEach, describe, expect, test } from 'vitest';
import { createStoreAttempts } from './adapters/store-attempts.ts';
import { ABANDONED_AFTER_MS, MAX_ATTEMPT_MS } from './domain/attempt.ts';
import { parseCaptureHeader } from './domain/capture-header.ts';
import type { Profile } from './domain/choose-recipients.ts';
import { createEncryptRecording } from './encrypt-recording.ts';
import { createHealAttempts } from './heal-attempts.ts';

const silent = { info() {}, warn() {}, error() {} } as never;
const folder = await temporaryFolder();
afterAll(() => folder.remove());

const { certificatePem, privateKeyPem } = await createSelfSigned({ commonName: 'Test', bits: 2048 });
const certificate = parseCertificate(certificatePem);
const profile: Profile = {
  profileId: '101' as Profile['profileId'],
  suite: 'pkcs7',
  certificates: [
    {
      ...certificate,
      problemAt: () => undefined,
      recipient: recipientFromCertificate(certificate),
    },
  ],
  revision: 1,
};
const header = parseCaptureHeader({
  tenantId: 'demo',
  profileId: '101',
  recordingId: 'call-1',
  mediaId: '',
  contentType: 'audio/wav',
  startedAt: new Date('2026-01-02T03:04:05Z'),
  attributes: { agent: '7' },
});
const sound = Buffer.from('a short call');
const media =
  (bytes: Uint8Array = sound) =>
  () =>
    Promise.resolve({ content: once(bytes) });
const context = { signal: new AbortController().signal, traceparent: '' };

let count = 0;
async function setUp() {
  const store = await openFsStore(`${folder.path}/${++count}`);
  const said: string[] = [];
  const bus = { up: true };
  const attempts = createStoreAttempts(store, silent);
  const announcer = {
    ready: () => bus.up,
    async recordingEncrypted(manifest: Manifest) {
      if (!bus.up) throw new AppError('BUS_UNAVAILABLE', 'away', { fix: 'wait' });
      said.push(manifest.recordingId);
    },
  };
  let now = new Date();
  const deps = { store, attempts, announcer, clock: () => now, log: silent };
  const keys = async () => {
    const found: string[] = [];
    for await (const key of store.list(''))
      found.push(key.replace(/\.[0-9a-f]{24}\./, '.X.').replace(/\/[0-9a-f]{24}\./, '/X.'));
    return found;
  };
  return {
    store,
    said,
    bus,
    keys,
    later: (ms: number) => {
      now = new Date(now.getTime() + ms);
    },
    encrypt: createEncryptRecording({ ...deps, profiles: { get: () => profile } }),
    over: (other: MediaStore) => ({
      encrypt: createEncryptRecording({ ...deps, store: other, profiles: { get: () => profile } }),
    }),
    folderOf: async (recordingId: string) =>
      (await Array.fromAsync(store.list('recordings/demo/')))
        .map((key) => key.split('/').slice(2, 4).join('/'))
        .find((found) => found.endsWith(`/${recordingId}`)),
    heal: createHealAttempts(deps),
  };
}

let system: Awaited<ReturnType<typeof setUp>>;
beforeEach(async () => {
  system = await setUp();
});

const STORED = [
  expect.stringMatching(/^recordings\/demo\/..\/call-1\/main\.X\.enc$/),
  expect.stringMatching(/^recordings\/demo\/..\/call-1\/recording\.json$/),
];
const MARKED = ['attempts/X.json', ...STORED];

test('what is stored opens with the private key, and nothing else is left', async () => {
  const { manifest, duplicate } = await system.encrypt(header, media(), context);
  expect(duplicate).toBe(false);
  expect(await system.keys()).toEqual(STORED);
  expect(system.said).toEqual(['call-1']);

  const [entry] = manifest.media.map(sealedMedia);
  if (entry === undefined) throw new Error('no media');
  const envelope = parseEnvelope(entry.envelope);
  const identity = { certificate, privateKey: createPrivateKey(privateKeyPem) };
  const dek = await unwrapDek(envelope, identity, decryptKeyHere);
  const [key] = (await Array.fromAsync(system.store.list('recordings/'))).filter((each) =>
    each.endsWith('.enc'),
  );
  const read = (offset: number, length: number) => system.store.read(key ?? '', { offset, length });
  const plain = await Array.fromAsync(openMedia(taggedMedia(manifest, entry), dek, read));
  expect(Buffer.concat(plain).toString()).toBe('a short call');
});

describe('the same recording again', () => {
  beforeEach(async () => {
    await system.encrypt(header, media(), context);
  });

  test('gets the first receipt', async () => {
    const again = await system.encrypt(header, media(), context);
    expect(again.duplicate).toBe(true);
    expect(await system.keys()).toEqual(STORED);
  });

  test('gets it too when its media is gone by now', async () => {
    const gone = () => Promise.reject(new AppError('MEDIA_UNREADABLE', 'gone', { fix: '' }));
    expect((await system.encrypt(header, gone, context)).duplicate).toBe(true);
  });

  test.each([
    ['another size', header, Buffer.from('a longer recording than that')],
    ['another agent', { ...header, attributes: { agent: '8' } }, sound],
    ['another start', { ...header, startedAt: new Date() }, sound],
  ])('is another recording with %s, and refused', async (_, other, bytes) => {
    await expect(system.encrypt(other, media(bytes), context)).rejects.toMatchObject({
      code: 'RECORDING_EXISTS',
    });
    expect(await system.keys()).toEqual(STORED);
  });
});

test('of several at once one wins, all get its receipt, and only its ciphertext stays', async () => {
  const all = await Promise.all(Array.from({ length: 5 }, () => system.encrypt(header, media(), context)));
  expect(all.filter(({ duplicate }) => !duplicate)).toHaveLength(1);
  expect(new Set(all.map(({ manifest }) => manifest.media[0]?.ciphertext)).size).toBe(1);
  expect(await system.keys()).toEqual(STORED);
});

describe('a failure leaves nothing behind', () => {
  test('empty media', async () => {
    await expect(system.encrypt(header, media(Buffer.alloc(0)), context)).rejects.toMatchObject({
      code: 'MEDIA_EMPTY',
    });
    expect(await system.keys()).toEqual([]);
  });

  test('a source that breaks off', async () => {
    async function* broken() {
      yield Buffer.alloc(300_000);
      throw new AppError('CANCELLED', 'gone', { fix: '' });
    }
    const open = () => Promise.resolve({ content: broken() });
    await expect(system.encrypt(header, open, context)).rejects.toMatchObject({ code: 'CANCELLED' });
    expect(await system.keys()).toEqual([]);
    expect(system.said).toEqual([]);
  });
});

describe('a manifest that is there although the store said that creating it failed', () => {
  test('keeps its ciphertext, and the recording sent again gets its receipt', async () => {
    const unsure = { ...system.store };
    unsure.create = async (key, content, options) => {
      const created = await system.store.create(key, content, options);
      if (key.endsWith('recording.json'))
        throw new AppError('STORE_UNAVAILABLE', 'the answer got lost', { fix: '' });
      return created;
    };
    await expect(system.over(unsure).encrypt(header, media(), context)).rejects.toMatchObject({
      code: 'STORE_UNAVAILABLE',
    });
    expect(await system.keys()).toEqual(MARKED);

    const { manifest, duplicate } = await system.encrypt(header, media(), context);
    expect(duplicate).toBe(true);
    const folder = `recordings/demo/${(await system.folderOf('call-1')) ?? ''}`;
    expect(await system.store.size(`${folder}/${manifest.media[0]?.ciphertext}`)).toBe(16);
    await system.heal(context.signal);
    expect(system.said).toEqual(['call-1']);
    expect(await system.keys()).toEqual(STORED);
  });
});

test('an attempt that others may take for abandoned, by its mark, is given up', async () => {
  async function* slow() {
    yield sound;
    system.later(MAX_ATTEMPT_MS + 1000);
  }
  const open = () => Promise.resolve({ content: slow() });
  await expect(system.encrypt(header, open, context)).rejects.toMatchObject({ code: 'DEADLINE_EXCEEDED' });
  expect(await system.keys()).toEqual([]);
});

describe('an event that did not get out', () => {
  test('is said once the bus is back, and then not again', async () => {
    system.bus.up = false;
    expect((await system.encrypt(header, media(), context)).duplicate).toBe(false);
    expect(await system.keys()).toEqual(MARKED);
    await system.heal(context.signal);
    expect(await system.keys()).toEqual(MARKED);

    system.bus.up = true;
    await system.heal(context.signal);
    expect(system.said).toEqual(['call-1']);
    expect(await system.keys()).toEqual(STORED);
    await system.heal(context.signal);
    expect(system.said).toEqual(['call-1']);
  });
});

test('a mark without a manifest is left alone until nobody can be at it any more', async () => {
  const id = '0123456789abcdef01234567';
  const mark = {
    id,
    startedAt: new Date().toISOString(),
    manifestKey: 'recordings/demo/00/call-9/recording.json',
    ciphertextKey: `recordings/demo/00/call-9/main.${id}.enc`,
    ciphertextName: `main.${id}.enc`,
  };
  await system.store.create(`attempts/${id}.json`, once(Buffer.from(JSON.stringify(mark))));
  await system.store.create(mark.ciphertextKey, once(Buffer.from('half')));
  await system.store.create('attempts/ffffffffffffffffffffffff.json', once(Buffer.from('not a mark')));
  await system.heal(context.signal);
  expect(await system.keys()).toHaveLength(3);
  system.later(ABANDONED_AFTER_MS + 1000);
  await system.heal(context.signal);
  expect(await system.keys()).toEqual(['attempts/X.json']);
});
