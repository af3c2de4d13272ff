import { parseCertificate } from '@sealtrack/certificates/certificate';
import { createSelfSigned, type SelfSigned } from '@sealtrack/certificates/self-signed';
import type { Certificate } from '@sealtrack/contracts/gen/sealtrack/certificates/v1/certificates';
import type { MediaDecryptFailed, MediaRewrapped } from '@sealtrack/contracts/gen/sealtrack/events/v1/audit';
import type { HeldMedia } from '@sealtrack/contracts/gen/sealtrack/holding/v1/holding';
import { parseEnvelope } from '@sealtrack/envelope/envelope';
import { createKeyDecryptionPool } from '@sealtrack/envelope/key-decryption-pool';
import { boundTo } from '@sealtrack/envelope/manifest';
import { openMedia } from '@sealtrack/envelope/open-media';
import { recipientFromCertificate } from '@sealtrack/envelope/recipient';
import { createMediaSealer } from '@sealtrack/envelope/seal-media';
import type { SuiteName } from '@sealtrack/envelope/suites';
import { unwrapDek } from '@sealtrack/envelope/unwrap';
import { AppError } from '@sealtrack/errors/app-error';
import type { CertificateId, TenantId } from '@sealtrack/ids/ids';
import { parseMediaId, parseRecordingId } from '@sealtrack/ids/parse';
import { oneAtATime } from '@sealtrack/sealed-store/one-at-a-time';
import { noteLines } from '@sealtrack/service-kit/testing/note-lines';
import { afterAll, expect, test } from 'vitest';
import { createRedisHoldingKeys } from './adapters/redis-holding-keys.ts';
import { createCertificateTrust } from './domain/certificate-trust.ts';
import { deleteUntil } from './domain/deletion.ts';
import { createEnsureHoldingKey } from './ensure-holding-key.ts';
import { createFindHeldKey } from './find-held-key.ts';
import { createImportCertificate } from './import-certificate.ts';
import { createOpenKeys } from './open-keys.ts';
import { createRewrapHeldMedia, type RewrapHeldMediaDeps } from './rewrap-held-media.ts';
import { cryptoParts, noteAnnouncements } from './testing/crypto-parts.ts';
import { createUnwrapMediaKey } from './unwrap-media-key.ts';

const { redis, backup, certificates, privateKeys } = await cryptoParts();
const pool = createKeyDecryptionPool({ threads: 2 });
afterAll(() => pool[Symbol.asyncDispose]());
const { log } = noteLines();
const trust = createCertificateTrust({ accept: 'any', profile: 'strict', roots: () => [], crls: () => [] });
let now = new Date();
const clock = () => now;
const judge = (certificate: Certificate) => trust.judge(certificate, now);
const exclusive = oneAtATime();
const importIt = createImportCertificate({
  ...{ certificates, privateKeys, backup, trust, clock, exclusive },
  announcer: noteAnnouncements().announcer,
});
const ensure = createEnsureHoldingKey({
  ...{ certificates, privateKeys, backup, judge, clock, log, exclusive },
  holdingKeys: createRedisHoldingKeys(redis, {}),
});
const openKeys = createOpenKeys({ certificates, privateKeys, maxKeys: 50, maxAgeMs: 60_000 });

const tenantId = 'demo' as TenantId;
const made = async (commonName: string, more = {}) => {
  const notBefore = new Date(now.getTime() - 60_000);
  const key = await createSelfSigned({ commonName, notBefore, ...more });
  return { ...key, info: parseCertificate(key.certificateDer) };
};
type Made = Awaited<ReturnType<typeof made>>;

async function imported({ certificatePem, privateKeyPem }: SelfSigned, more = {}): Promise<CertificateId> {
  const { certificate } = await importIt({
    ...{ tenantId, certificate: Buffer.from(certificatePem), privateKey: Buffer.from(privateKeyPem) },
    ...{ password: Buffer.alloc(0), alias: '', dryRun: false, decryptOnly: false, ...more },
  });
  return (certificate?.certificateId ?? '') as CertificateId;
}
async function holdingOf(tenant: string) {
  const { certificate } = await ensure({ tenantId: tenant });
  if (certificate === undefined) throw new Error('no holding key');
  return parseCertificate(certificate.der);
}

const [anna, bert, stranger] = [await made('Anna'), await made('Bert'), await made('Stranger')];
const [annaId, bertId] = [await imported(anna), await imported(bert)];
const holding = await holdingOf(tenantId);

async function* once(bytes: Buffer) {
  yield bytes;
}

/** A recording in quarantine, as its manifest has it. */
async function hold(
  text: string,
  {
    to = holding,
    tenant = tenantId as string,
    suite = 'pkcs7' as SuiteName,
    certificateIds = [annaId] as string[],
  } = {},
) {
  const naming = { mediaId: parseMediaId('main'), contentType: 'audio/wav' };
  const recordingId = parseRecordingId(text);
  const bound = boundTo({ tenantId: tenant as TenantId, recordingId }, naming);
  const sealer = createMediaSealer({ suite, recipients: [recipientFromCertificate(to)], boundTo: bound });
  const ciphertext = Buffer.concat(await Array.fromAsync(sealer.seal(once(Buffer.from(text)))));
  const sealed = sealer.finish();
  const held: HeldMedia = {
    ...{ ...naming, recordingId, certificateIds, envelope: Buffer.from(sealed.envelope) },
    ...{ envelopeMac: Buffer.from(sealed.envelopeMac), tagSalt: Buffer.alloc(0) },
    plaintextSize: BigInt(sealed.plaintextSize),
    ciphertextSize: BigInt(sealed.ciphertextSize),
  };
  const read = (at: number, length: number) => once(ciphertext.subarray(at, at + length));
  return {
    held,
    async openWith(
      answer: { envelope: Buffer; envelopeMac: Buffer } | undefined,
      { info, privateKey }: Made,
    ) {
      const media = { ...sealed, ...answer, boundTo: bound };
      const identity = { certificate: info, privateKey };
      const dek = await unwrapDek(parseEnvelope(media.envelope), identity, pool.decryptKey);
      return Buffer.concat(await Array.fromAsync(openMedia(media, dek, read))).toString();
    },
  };
}

/** The use case, what it put on record, and every session key that it had in its hands. */
function rewrapping(over: Partial<RewrapHeldMediaDeps> = {}, audited?: () => Promise<void>) {
  const records: MediaRewrapped[] = [];
  const failures: MediaDecryptFailed[] = [];
  const deks: Buffer[] = [];
  const unwrapReally = createUnwrapMediaKey(createFindHeldKey({ openKeys, decryptKey: pool.decryptKey }));
  const rewrap = createRewrapHeldMedia({
    ...{ certificates, openKeys, judge, log },
    async unwrap(...asked) {
      const key = await unwrapReally(...asked);
      deks.push(key.dek);
      return key;
    },
    audit: {
      async mediaRewrapped(record) {
        await audited?.();
        records.push(record);
      },
      decryptFailed: async (record) => void failures.push(record),
    },
    ...over,
  });
  const caller = {
    signal: new AbortController().signal,
    peer: '127.0.0.1:1',
    names: [],
    via: [],
    traceparent: '',
  };
  const call = (media: HeldMedia[], tenant: string = tenantId) => rewrap({ tenantId: tenant, media }, caller);
  return { call, records, failures, deks, error: async (held: HeldMedia) => (await call([held])).media[0] };
}

const isWiped = (bytes: Uint8Array) => bytes.every((byte) => byte === 0);

test('64 recordings of two suites are sealed to others, in order, and no longer to the holding key', async () => {
  const all = await Promise.all(
    Array.from({ length: 64 }, (_, i) =>
      hold(`call-${i}`, {
        suite: i % 2 === 0 ? 'pkcs7' : 'cms',
        certificateIds: i % 3 === 0 ? [annaId, bertId] : [bertId],
      }),
    ),
  );
  const { call, records, failures, deks } = rewrapping();
  const { media } = await call(all.map(({ held }) => held));
  for (const [i, { openWith }] of all.entries()) {
    expect(media[i]).toMatchObject({ error: '', message: '', fix: '' });
    expect(await openWith(media[i], bert)).toBe(`call-${i}`);
    if (i % 3 === 0) expect(await openWith(media[i], anna)).toBe(`call-${i}`);
    else await expect(openWith(media[i], anna)).rejects.toMatchObject({ code: 'KEY_NOT_HELD' });
    expect(parseEnvelope(media[i]?.envelope ?? '').recipients).toHaveLength(i % 3 === 0 ? 2 : 1);
  }
  expect(records).toEqual([
    {
      ...{ tenantId, caller: '127.0.0.1:1' },
      keys: all.map(({ held }) => ({
        ...{ recordingId: held.recordingId, mediaId: 'main' },
        ...{ fromCertificateId: holding.certificateId, toCertificateIds: held.certificateIds },
      })),
    },
  ]);
  expect([failures, deks.length, deks.every(isWiped)]).toEqual([[], 64, true]);
});

test('a recording that was sealed to others already is none to release', async () => {
  const { held } = await hold('again');
  const { call } = rewrapping();
  const { envelope = held.envelope, envelopeMac = held.envelopeMac } = (await call([held])).media[0] ?? {};
  const { media } = await call([{ ...held, envelope, envelopeMac }, held]);
  expect(media.map(({ error }) => error)).toEqual(['KEY_NOT_HELD', '']);
  expect(media[0]?.envelope).toHaveLength(0);
});

test("what is sealed to no holding key is not opened, though the key is held, nor is another tenant's", async () => {
  const other = await holdingOf('other');
  const namesake = await made('Sealtrack holding key');
  await imported(namesake);
  const cases = [
    await hold('to-one-of-its-name', { to: namesake.info, certificateIds: [bertId] }),
    await hold('an-ordinary-one', { to: anna.info, certificateIds: [bertId] }),
    await hold('a-strangers', { to: stranger.info }),
    await hold('anothers', { to: other, tenant: 'other' }),
    await hold('anothers-key', { to: other }),
  ];
  const { call, records, deks } = rewrapping();
  const { media } = await call(cases.map(({ held }) => held));
  expect(media.map(({ error, envelope }) => [error, envelope.length])).toEqual(
    Array(5).fill(['KEY_NOT_HELD', 0]),
  );
  expect(media[0]?.message).toContain('holding key of tenant demo');
  expect([records, deks]).toEqual([[], []]);
  // Nor does the other tenant get at this one's, or at this one's certificates.
  const { held } = await hold('call');
  const { media: theirs } = await call([held], 'other');
  expect(theirs[0]?.error).toBe('CERTIFICATE_NOT_FOUND');
});

test('only the very recording that is named comes of a session key', async () => {
  const [one, two] = [await hold('one'), await hold('two')];
  const { held } = one;
  const mac = Buffer.from(held.envelopeMac);
  mac[0] = (mac[0] ?? 0) ^ 1;
  const swapped: HeldMedia[] = [
    { ...held, recordingId: 'two' },
    { ...held, mediaId: 'screen' },
    { ...held, contentType: 'text/html' },
    { ...held, envelope: two.held.envelope },
    { ...held, envelopeMac: mac },
    { ...held, envelopeMac: Buffer.alloc(0) },
    { ...held, plaintextSize: held.plaintextSize - 1n },
    { ...held, ciphertextSize: 2n ** 64n - 1n },
    { ...held, tagSalt: Buffer.alloc(16, 1) },
  ];
  const { call, records, failures, deks } = rewrapping();
  const { media } = await call([...swapped, held]);
  expect(media.map(({ error }) => error)).toEqual([...swapped.map(() => 'DECRYPTION_FAILED'), '']);
  // One answer for all, and which check it was stands on record only.
  expect(new Set(media.slice(0, -1).map(({ message, fix }) => message + fix)).size).toBe(1);
  expect(failures.map(({ failedCheck }) => failedCheck)).toContain('envelope MAC');
  expect(failures).toHaveLength(swapped.length);
  expect(records[0]?.keys.map(({ recordingId }) => recordingId)).toEqual(['one']);
  expect(deks.every(isWiped)).toBe(true);
});

test('an envelope that is damaged, or not in DER, says so', async () => {
  const { held } = await hold('call');
  const pem = `-----BEGIN PKCS7-----\n${held.envelope.toString('base64')}\n-----END PKCS7-----\n`;
  const { call } = rewrapping();
  const wrong = [Buffer.from(pem), Buffer.alloc(0), held.envelope.subarray(0, -3)];
  const { media } = await call(wrong.map((envelope) => ({ ...held, envelope })));
  expect(media.map(({ error }) => error)).toEqual(wrong.map(() => 'ENVELOPE_INVALID'));
});

test('nothing is sealed to a certificate that is not known, not usable, not held, or a holding key', async () => {
  const [old, gone, keyless, broken, later] = [
    await made('Old', { notBefore: new Date('2020-01-01'), notAfter: new Date('2021-01-01') }),
    await made('Gone'),
    await made('Keyless'),
    await made('Broken'),
    await made('Opens only'),
  ];
  const ids = {
    expired: await imported(old),
    deleted: await imported(gone),
    keyless: await imported(keyless),
    broken: await imported(broken),
    decryptOnly: await imported(later, { decryptOnly: true }),
  };
  const deletion = deleteUntil({ recordings: 0n, approvers: [] }, now, 60_000);
  const found = (await certificates.get(tenantId, ids.deleted)) as Certificate;
  await certificates.replace(found, { ...found, deletion });
  await redis.client.del(`st:{demo}:key:${keyless.info.keyId}`);
  await redis.client.set(`st:{demo}:key:${broken.info.keyId}`, 'broken');
  const cases: [string, string][] = [
    [stranger.info.certificateId, 'CERTIFICATE_NOT_FOUND'],
    [ids.expired, 'CERTIFICATE_UNUSABLE'],
    [ids.deleted, 'CERTIFICATE_DELETED'],
    [ids.keyless, 'KEY_NOT_HELD'],
    [ids.broken, 'SEAL_BROKEN'],
    [ids.decryptOnly, 'CERTIFICATE_UNUSABLE'],
    [holding.certificateId, 'CERTIFICATE_UNUSABLE'],
  ];
  const { held } = await hold('call');
  const { call, records, deks } = rewrapping();
  const { media } = await call(
    // One that is right beside it changes nothing.
    cases.map(([certificateId]) => ({ ...held, certificateIds: [annaId, certificateId] })),
  );
  expect(media.map(({ error }) => error)).toEqual(cases.map(([, code]) => code));
  expect(media.every(({ envelope }) => envelope.length === 0)).toBe(true);
  for (const { message, fix } of media) expect(`${message} ${fix}`).toMatch(/^[A-Z].*\.$/);
  expect([records, deks]).toEqual([[], []]);
});

test('a certificate that somebody put into the store under the id of another gets nothing', async () => {
  const victim = await made('Victim');
  const id = await imported(victim);
  const found = (await certificates.get(tenantId, id)) as Certificate;
  await certificates.replace(found, { ...found, der: stranger.certificateDer });
  const { held } = await hold('call', { certificateIds: [id] });
  const { error } = rewrapping();
  expect(await error(held)).toMatchObject({ error: 'PRIVATE_KEY_MISMATCH' });
});

test('a certificate that is named twice is one recipient', async () => {
  const { held, openWith } = await hold('twice', { certificateIds: [annaId, annaId] });
  const { media } = await rewrapping().call([held]);
  expect(await openWith(media[0], anna)).toBe('twice');
});

test('a deleted holding key says what gets it back', async () => {
  const key = await holdingOf('gone');
  const { held } = await hold('call', { to: key, tenant: 'gone' });
  const tenant = 'gone' as TenantId;
  const own = await imported(await made('Own'), { tenantId: tenant });
  const found = (await certificates.get(tenant, key.certificateId)) as Certificate;
  const deletion = deleteUntil({ recordings: 0n, approvers: [] }, now, 60_000);
  await certificates.replace(found, { ...found, deletion });
  const { media } = await rewrapping().call([{ ...held, certificateIds: [own] }], tenant);
  expect(media[0]).toMatchObject({ error: 'CERTIFICATE_DELETED', fix: expect.stringContaining('restore') });
});

test('what cannot be put on record does not leave', async () => {
  const { held } = await hold('call');
  const { call, deks } = rewrapping({}, async () => {
    throw new AppError('AUDIT_UNAVAILABLE', 'No record', { fix: 'Wait.' });
  });
  await expect(call([held, held])).rejects.toMatchObject({ code: 'AUDIT_UNAVAILABLE' });
  expect([deks.length, deks.every(isWiped)]).toEqual([2, true]);
});

test.each(['TOO_MANY_DECRYPTIONS', 'SEALED_STORE_UNAVAILABLE', 'SHUTTING_DOWN'] as const)(
  '%s fails the whole call, and is nothing that one recording is to blame for',
  async (code) => {
    const { held } = await hold('call');
    const unwrap = async () => {
      throw new AppError(code, 'Not now', { fix: 'Ask again.' });
    };
    const { call, records } = rewrapping({ unwrap });
    await expect(call([held, held])).rejects.toMatchObject({ code });
    expect(records).toEqual([]);
  },
);

test('what does not fit is refused before anything is opened', async () => {
  const { held } = await hold('call');
  const { call, deks } = rewrapping();
  const cases: [HeldMedia[], string, string?][] = [
    [[], 'media'],
    [Array(65).fill(held), 'media'],
    [[{ ...held, certificateIds: [] }], 'certificate_ids'],
    [[{ ...held, certificateIds: Array(17).fill(annaId) }], 'certificate_ids'],
    [[{ ...held, certificateIds: ['mine'] }], 'certificate_id'],
    [[{ ...held, recordingId: '../x' }], 'recording_id'],
    [[{ ...held, mediaId: '../x' }], 'media_id'],
    [[held], 'tenant_id', 'De mo'],
  ];
  for (const [media, field, tenant] of cases)
    await expect(call(media, tenant)).rejects.toMatchObject({ code: 'INVALID_ARGUMENT', details: { field } });
  expect(deks).toEqual([]);
});

test('a certificate that expired since is seen to have', async () => {
  const short = await made('Short', { notAfter: new Date(now.getTime() + 60_000) });
  const { held } = await hold('call', { certificateIds: [await imported(short)] });
  const { error } = rewrapping();
  expect(await error(held)).toMatchObject({ error: '' });
  const before = now;
  now = new Date(now.getTime() + 120_000);
  expect(await error(held)).toMatchObject({ error: 'CERTIFICATE_UNUSABLE' });
  now = before;
});
