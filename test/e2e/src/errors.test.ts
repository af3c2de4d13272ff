/** Every error as its reader meets it: the code, a stable reason, and what to do. */
import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createSelfSigned, type SelfSigned } from '@sealtrack/certificates/self-signed';
import type { AppError } from '@sealtrack/errors/app-error';
import { CODES, type ErrorCode } from '@sealtrack/errors/codes';
import { redisForTests } from '@sealtrack/launcher/testing/redis-for-tests';
import { expect, test } from 'vitest';
import { header, put, stored } from './testing/media.ts';
import { run, sealtrack } from './testing/programs.ts';
import { type DoorName, rawDoors, readRefusal } from './testing/raw-doors.ts';
import { assign, createBareTenant, createTenant, importMade, importNew } from './testing/tenant.ts';
import { systemForThisFile } from './testing/test-system.ts';
import { failureOf } from './testing/until.ts';

const running = await systemForThisFile();
const { system, doors, dir } = running;
const raw = rawDoors(running);
const tenant = await createTenant(doors);

await doors.profiles.createProfile({ tenantId: 'demo', profileId: '202', name: 'No certificate' });
const past = { notBefore: new Date('2020-01-01T00:00:00Z'), notAfter: new Date('2021-01-01T00:00:00Z') };
const expired = await importNew(doors, 'demo', { commonName: 'Expired', ...past });
await doors.profiles.createProfile({ tenantId: 'demo', profileId: '303', name: 'Expired certificate' });
await assign(doors, 'demo', '303', [expired]);
await createBareTenant(running, 'bare', '505');
const taken = header({ recordingId: 'taken' });
await put(doors, taken, Buffer.from('the first'));
await stored(doors, taken);
const lost = await createTenant(doors, 'lost', '404');
const unopenable = header({ tenantId: 'lost', profileId: '404' });
await put(doors, unopenable, Buffer.from('nobody can read this'));
await stored(doors, unopenable);
{
  // As if the recording came from a site whose keys are held elsewhere.
  await using redis = await redisForTests(system, dir);
  await redis.client.del(`st:{lost}:key:${lost.keyId}`);
}

const other = await createSelfSigned({ commonName: 'Other' });
const base64 = (bytes: Uint8Array | string) => Buffer.from(bytes).toString('base64');
const pkcs8 = ['pkcs8', '-topk8', '-v2', 'aes-256-cbc', '-passout', 'pass:right'];
const locked = base64((await run('openssl', pkcs8, { input: other.privateKeyPem })).stdout);
const ec = generateKeyPairSync('ec', { namedCurve: 'prime256v1' }).privateKey;
const ecKey = base64(ec.export({ type: 'pkcs8', format: 'pem' }));

// Requests as `buf curl` takes them, right but for what is changed in them.
const pair = ({ certificatePem, privateKeyPem }: SelfSigned, over: object = {}) => [
  { tenantId: 'demo', certificate: base64(certificatePem), privateKey: base64(privateKeyPem), ...over },
];
const head = { tenantId: 'demo', profileId: '101', recordingId: 'new', startedAt: '2026-01-31T08:15:30Z' };
const said = (over: object = {}) => ({ header: { ...head, ...over } });
const chunk = (text: string) => ({ chunk: base64(text) });
const end = (text: string) => ({ end: { size: String(text.length) } });
const upload = (over: object, text = 'something') => [said(over), chunk(text), end(text)];
const media = (over: object) => [{ tenantId: 'demo', recordingId: 'taken', ...over }];
const profile = (over: object) => [{ tenantId: 'demo', profileId: '101', ...over }];
const unopened = { tenantId: 'lost', recordingId: unopenable.recordingId };
const unheld = { tenantId: 'lost', profileId: '404', certificateIds: [lost.certificateId] };

type Case = [what: string, DoorName, ErrorCode, messages: readonly object[], field?: string];
const CASES: Case[] = [
  ['an unknown profile', 'put', 'PROFILE_NOT_FOUND', upload({ profileId: '999' })],
  [
    'no certificate and no holding key',
    'put',
    'NO_USABLE_CERTIFICATE',
    upload({ tenantId: 'bare', profileId: '505' }),
  ],
  ['an unknown media type', 'put', 'INVALID_ARGUMENT', upload({ mediaType: 'fax' }), 'media_type'],
  ['media without a byte', 'put', 'MEDIA_EMPTY', [said(), end('')]],
  ['a chunk before the header', 'put', 'INVALID_ARGUMENT', [chunk('early'), said()]],
  ['a second header', 'put', 'INVALID_ARGUMENT', [said(), chunk('x'), said(), end('x')]],
  ['nothing at all', 'put', 'INVALID_ARGUMENT', []],
  ['an upload without its end', 'put', 'MEDIA_INCOMPLETE', [said(), chunk('half')]],
  ['an upload with a gap', 'put', 'MEDIA_INCOMPLETE', [said(), chunk('half'), end('the whole')]],
  ['a malformed tenant', 'put', 'INVALID_ARGUMENT', upload({ tenantId: 'De mo' }), 'tenant_id'],
  ['a malformed profile', 'put', 'INVALID_ARGUMENT', upload({ profileId: 'sales' }), 'profile_id'],
  ['an id that is a path', 'put', 'INVALID_ARGUMENT', upload({ recordingId: '../../x' }), 'recording_id'],
  ['no recording id', 'put', 'INVALID_ARGUMENT', upload({ recordingId: '' }), 'recording_id'],
  ['a malformed media id', 'put', 'INVALID_ARGUMENT', upload({ mediaId: 'a/b' }), 'media_id'],
  ['no start time', 'put', 'INVALID_ARGUMENT', upload({ startedAt: null }), 'started_at'],
  ['an id that is taken', 'put', 'RECORDING_EXISTS', upload({ recordingId: 'taken' })],
  ['another key', 'import', 'PRIVATE_KEY_MISMATCH', pair({ ...tenant, privateKeyPem: other.privateKeyPem })],
  [
    'a wrong password',
    'import',
    'PRIVATE_KEY_PASSWORD_WRONG',
    pair(other, { privateKey: locked, password: base64('wrong') }),
  ],
  ['a missing password', 'import', 'PRIVATE_KEY_PASSWORD_MISSING', pair(other, { privateKey: locked })],
  ['an elliptic-curve key', 'import', 'PRIVATE_KEY_INVALID', pair(tenant, { privateKey: ecKey })],
  ['no certificate', 'import', 'CERTIFICATE_INVALID', pair(tenant, { certificate: base64('hello') })],
  ['a key that is not held', 'decrypt', 'KEY_NOT_HELD', media(unopened)],
  ['an unknown recording', 'decrypt', 'RECORDING_NOT_FOUND', media({ recordingId: 'none' })],
  ["another tenant's recording", 'decrypt', 'RECORDING_NOT_FOUND', media({ tenantId: 'lost' })],
  ['an unknown media file', 'decrypt', 'RECORDING_NOT_FOUND', media({ mediaId: 'video' })],
  [
    'a range past the end',
    'decrypt',
    'RANGE_NOT_SATISFIABLE',
    media({ range: { offset: '9', length: '1' } }),
  ],
  ['an unknown recording', 'find', 'RECORDING_NOT_FOUND', media({ recordingId: 'none' })],
  ['a profile id that is taken', 'create', 'PROFILE_EXISTS', profile({ name: 'Again' })],
  [
    'an unknown certificate',
    'assign',
    'CERTIFICATE_NOT_FOUND',
    profile({ certificateIds: ['0'.repeat(64)] }),
  ],
  ['a certificate without key', 'assign', 'KEY_NOT_HELD', profile(unheld)],
  ['no certificate at all', 'assign', 'INVALID_ARGUMENT', profile({}), 'certificate_ids'],
  ['a malformed id', 'assign', 'INVALID_ARGUMENT', profile({ certificateIds: ['first'] }), 'certificate_id'],
];

test.each(CASES)('%s (%s): %s, to a program and to a person', async (_, door, code, messages, field) => {
  const error = (await failureOf(raw[door].call(messages))) as AppError;
  expect(error).toMatchObject({ name: 'AppError', code });
  if (field !== undefined) expect(error.details).toMatchObject({ field });
  expect(error.fix).toMatch(/^[A-Z].{8,}/);

  const shown = await raw[door].curl(messages);
  expect(shown.code).not.toBe(0);
  const refusal = readRefusal(shown.said);
  expect(refusal.code).toBe(CODES[code].grpc.toLowerCase());
  expect(refusal.message).toBe(`${error.message} [${code}] ${error.fix}`);
  expect(refusal.detail('ErrorInfo')).toContain(code);
  expect(refusal.detail('ErrorInfo')).toContain('sealtrack');
  expect(refusal.detail('LocalizedMessage')).toContain(error.fix);
  // What went wrong inside stays inside.
  expect(shown.said).not.toMatch(/\bat \S+ \(|node_modules|\.ts:\d/);
});

test('what was refused is stored nowhere, and what no certificate can be used for not in clear', async () => {
  const secret = randomBytes(24).toString('hex').repeat(4_000);
  await failureOf(put(doors, header({ profileId: '999' }), Buffer.from(secret)));
  for (const profileId of ['202', '303']) await put(doors, header({ profileId }), Buffer.from(secret));
  const files = (await readdir(join(dir, 'media'), { recursive: true, withFileTypes: true })).filter(
    (entry) => entry.isFile(),
  );
  const contents = await Promise.all(files.map((file) => readFile(join(file.parentPath, file.name))));
  expect(contents.filter((content) => content.includes(secret.slice(0, 48)))).toEqual([]);
  const manifests = contents
    .filter((_, index) => files[index]?.name === 'recording.json')
    .map((content) => JSON.parse(content.toString()));
  expect(manifests.length).toBeGreaterThan(0);
  expect(manifests.filter(({ profileId }) => profileId === '999')).toEqual([]);
  for (const profileId of ['202', '303'])
    expect(manifests.find((manifest) => manifest.profileId === profileId)).toHaveProperty('quarantine');
  const { recordings } = await doors.recordings.listRecordings({ tenantId: 'demo', pageSize: 1_000 });
  expect(recordings.map(({ profileId }) => profileId)).not.toContain('999');
});

test('an expired certificate may be imported, with a warning: old recordings need it', async () => {
  const { warnings } = await doors.certificates.importCertificate({
    tenantId: 'demo',
    certificate: Buffer.from(expired.certificatePem),
    privateKey: expired.privateKeyPem,
  });
  expect(warnings.join()).toMatch(/expired on 2021-01-01/);
  expect((await importMade(doors, 'demo', expired)).certificateId).toBe(expired.certificateId);
});

test.each([
  ['recordings get none --out x', 1, 'RECORDING_NOT_FOUND'],
  ['recordings put FILE --profile 999', 1, 'PROFILE_NOT_FOUND'],
  ['recordings put FILE --profile sales', 2, 'INVALID_ARGUMENT'],
  ['profiles assign 101 12345678', 1, 'CERTIFICATE_NOT_FOUND'],
])('sealtrack %s: exit code %i, %s', async (command, exit, code) => {
  const { code: ended, said: shown } = await sealtrack(
    system,
    ...command.replace('FILE', import.meta.filename).split(' '),
    '--json',
  );
  expect(ended, shown).toBe(exit);
  expect(JSON.parse(shown)).toMatchObject({ error: { code, fix: expect.stringMatching(/.{8,}/) } });
});
