/** After everything ran, well and badly: what lies on the disk, in Redis, on the bus and in the logs. */
import type { KeyObject } from 'node:crypto';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseCertificate } from '@sealtrack/certificates/certificate';
import { decryptKeyHere } from '@sealtrack/envelope/decrypt-key';
import { parseEnvelope } from '@sealtrack/envelope/envelope';
import { parseManifest, sealedMedia } from '@sealtrack/envelope/manifest';
import { unwrapDek } from '@sealtrack/envelope/unwrap';
import { redisForTests } from '@sealtrack/launcher/testing/redis-for-tests';
import { temporaryFolder } from '@sealtrack/testkit/temporary-folder';
import { afterAll, expect, test } from 'vitest';
import { keksOf } from './testing/keks.ts';
import { capture, get, header, put, splice, stored } from './testing/media.ts';
import { run, sealtrack } from './testing/programs.ts';
import { type Needle, needle, search, textNeedle } from './testing/secrets.ts';
import { assign, createTenant, untilPushed } from './testing/tenant.ts';
import { systemForThisFile } from './testing/test-system.ts';
import { failureOf, until } from './testing/until.ts';

const MARKER = 'my card number is 4929 1234 5678 9012. ';
const PASSWORD = 'correct horse battery staple 7';
const media = Buffer.from(MARKER.repeat(27_000));

// Whatever a service says when asked to say most must be fit to be read, too.
const talkative = { SEALTRACK_LOG_LEVEL: 'debug' };
const folder = await temporaryFolder();
afterAll(() => folder.remove());
const snapshots = join(folder.path, 'snapshots');
await mkdir(snapshots);
const { system, doors, dir } = await systemForThisFile({
  'crypto-server': {
    ...talkative,
    NODE_OPTIONS: `--heapsnapshot-signal=SIGUSR2 --diagnostic-dir=${snapshots}`,
  },
  'media-encryptor': talkative,
  'metadata-processor': talkative,
  'profile-config': talkative,
});

const tenant = await createTenant(doors);
const byGrpc = header();
const byNats = header();
const held = header({ profileId: '102' });

/** The session key of a stored recording, as whoever holds the private key can get it. */
async function sessionKey(recording: typeof byGrpc): Promise<Buffer> {
  const [entry] = parseManifest((await splice(doors, recording)).manifest).media.map(sealedMedia);
  if (entry === undefined) throw new Error('A manifest without media');
  const certificate = parseCertificate(tenant.certificateDer);
  return unwrapDek(
    parseEnvelope(entry.envelope),
    { certificate, privateKey: tenant.privateKey },
    decryptKeyHere,
  );
}

/** The parts of an RSA key that give it away, and the two ways to write it down. */
function keyNeedles(key: KeyObject): Needle[] {
  const { d = '', p = '', q = '' } = key.export({ format: 'jwk' });
  const numbers = Object.entries({ d, p, q }).map(([name, value]) =>
    needle(`the private key's ${name}`, Buffer.from(value, 'base64url')),
  );
  const labels = ['PRIVATE KEY-----', 'BEGIN RSA PRIVATE', 'BEGIN ENCRYPTED PRIVATE'];
  return [...numbers, ...labels.map((label) => textNeedle(label, label))];
}

async function importWithPassword(password: string): Promise<unknown> {
  const pkcs8 = ['pkcs8', '-topk8', '-v2', 'aes-256-cbc', '-passout', `pass:${PASSWORD}`];
  const { stdout } = await run('openssl', pkcs8, { input: tenant.privateKeyPem });
  return doors.certificates.importCertificate({
    tenantId: 'demo',
    certificate: Buffer.from(tenant.certificatePem),
    privateKey: stdout,
    password: Buffer.from(password),
  });
}

/** Everything that a system meets in its life, faults among it. */
async function live(): Promise<void> {
  await put(doors, byGrpc, media);
  await capture(doors, byNats, media);
  for (const recording of [byGrpc, byNats]) {
    await stored(doors, recording);
    expect((await get(doors, recording)).bytes.equals(media)).toBe(true);
    await get(doors, recording, { offset: 262_100, length: 100 });
  }
  await importWithPassword(PASSWORD);
  await failureOf(importWithPassword(`not ${PASSWORD}`));
  await failureOf(put(doors, header({ profileId: '999' }), media));
  await doors.profiles.createProfile({ tenantId: 'demo', profileId: '102', name: 'Held' });
  await untilPushed(doors, 'demo', '102');
  await put(doors, held, media);
  await assign(doors, 'demo', '102', [tenant]);
  await until('what was held is released', async () => (await stored(doors, held)).quarantineReason === '');
  await failureOf(put(doors, byGrpc, media.subarray(1)));
  await capture(doors, header({ profileId: '999' }), media);
  await until('the capture was given up', async () =>
    (await sealtrack(system, 'captures', 'dead-letters')).said.includes('PROFILE_NOT_FOUND'),
  );
  const gone = new AbortController();
  const broken = doors.ingest.putRecording(
    (async function* () {
      yield { part: { $case: 'header' as const, value: header() } };
      yield { part: { $case: 'chunk' as const, value: media } };
      gone.abort();
      yield { part: { $case: 'chunk' as const, value: media } };
    })(),
    { signal: gone.signal },
  );
  await failureOf(broken);
  for (const service of Object.values(system.services)) await service.restart();
  await until('decryption works after restarts', () => get(doors, byGrpc).catch(() => undefined));
}

await live();
const deks = [await sessionKey(byGrpc), await sessionKey(byNats), await sessionKey(held)];
const NEEDLES = [
  textNeedle('the recording', MARKER),
  textNeedle('the password', PASSWORD),
  ...keyNeedles(tenant.privateKey),
  ...deks.map((dek, index) => needle(`the session key of recording ${index + 1}`, dek)),
];

test('a search like this one finds what it looks for', async () => {
  const leak = (name: string, content: string | Uint8Array) => writeFile(join(folder.path, name), content);
  await leak('a.wav', media);
  await leak('b.json', JSON.stringify({ text: Buffer.from(`x${MARKER}`).toString('base64') }));
  await leak('tenant.pem', tenant.privateKeyPem);
  await leak('tenant.der', tenant.privateKey.export({ type: 'pkcs8', format: 'der' }));
  await leak('jwk.json', JSON.stringify(tenant.privateKey.export({ format: 'jwk' })));
  await leak('dek.txt', `dek=${deks[0]?.toString('hex')}`);
  await leak('dek.b64', JSON.stringify({ k: deks[1]?.toString('base64url') }));
  const { found } = await search(folder.path, NEEDLES);
  const filesFound = new Set(found.map((each) => each.split(' in ').at(-1)));
  expect([...filesFound].sort()).toEqual(
    ['a.wav', 'b.json', 'dek.b64', 'dek.txt', 'jwk.json', 'tenant.der', 'tenant.pem'].sort(),
  );
});

/**
 * Files with the keys that secure connections, and the one that tickets of a system on one machine are signed with, are what
 * they are, and hold no other secret.
 */
const isKeyOfItsOwn = (each: string) =>
  /^.*(PRIVATE KEY-----|BEGIN \w+ PRIVATE) in (tls\/\S*key|\S*ticket-key)\.pem$/.test(each);

test('no recording, private key, password or session key is in any file of the system', async () => {
  const { found, files } = await search(dir, NEEDLES);
  expect(found.filter((each) => !isKeyOfItsOwn(each))).toEqual([]);
  // The search was not of an empty folder: each of these must have been looked into.
  for (const place of [
    /^media\/recordings\/demo\/.*\.enc$/,
    /^media\/.*recording\.json$/,
    /^nats\/.*\/AUDIT\/.*\.blk$/,
    /^nats\/.*\/EVENTS\/.*\.blk$/,
    /^nats\/.*\/DEAD_LETTERS\/.*\.blk$/,
    /^nats\/.*\/KV_profiles\/.*\.blk$/,
    /^redis\/.*\.aof$/,
    /^logs\/crypto-server\.log$/,
    /^logs\/media-encryptor\.log$/,
  ])
    expect(
      files.some((file) => place.test(file)),
      String(place),
    ).toBe(true);
  // Media on its way in is in the memory of NATS, never in its folder.
  expect(files.filter((file) => /OBJ_captures\/.*\.blk$/.test(file))).toEqual([]);
});

test('in Redis a private key is a JWE in compact serialisation and nothing else', async () => {
  await using redis = await redisForTests(system, dir);
  const keys = await redis.client.keys('st:*:key:*');
  const { certificates } = await doors.certificates.listCertificates({ tenantId: 'demo' });
  const ofHolding = certificates.filter(({ holding }) => holding);
  expect(ofHolding).toHaveLength(1);
  const owners = [tenant, ...ofHolding];
  expect(keys.sort()).toEqual(owners.map(({ keyId }) => `st:{demo}:key:${keyId}`).sort());
  for (const { keyId, certificateId } of owners) {
    const key = `st:{demo}:key:${keyId}`;
    const parts = String(await redis.client.get(key)).split('.');
    expect(parts).toHaveLength(5);
    for (const part of parts) expect(part).toMatch(/^[A-Za-z0-9_-]+$/);
    expect(JSON.parse(Buffer.from(parts[0] ?? '', 'base64url').toString())).toEqual({
      typ: 'sealtrack-private-key',
      alg: 'A256KW',
      enc: 'A256GCM',
      kid: '1',
      tenant: 'demo',
      ...{ keyId, certificateId },
    });
  }
  expect((await redis.client.keys('*')).filter((key) => !key.startsWith('st:{'))).toEqual([]);
});

test('no certificate comes back with its key', async () => {
  const { certificates } = await doors.certificates.listCertificates({ tenantId: 'demo' });
  const shown = `${JSON.stringify(certificates)}${(await sealtrack(system, 'certificates', 'list', '--json')).said}`;
  const text = Buffer.from(shown);
  for (const { name, forms } of keyNeedles(tenant.privateKey))
    expect(
      forms.some((form) => text.includes(form)),
      name,
    ).toBe(false);
});

test('nor is it in the heap of the crypto server that has just opened, sealed and rotated keys', async () => {
  await importWithPassword(PASSWORD);
  await get(doors, byGrpc);
  expect((await sealtrack(system, 'seal', 'rotate')).code).toBe(0);
  expect((await sealtrack(system, 'root', 'rotate')).code).toBe(0);
  await get(doors, byGrpc);
  const { pid } = system.services['crypto-server'];
  if (pid === undefined) throw new Error('The crypto server does not run');
  // Its garbage is collected before a snapshot is made.
  process.kill(pid, 'SIGUSR2');
  const file = await until('the snapshot is whole', async () => {
    const [name] = await readdir(snapshots);
    const content = name === undefined ? '' : await readFile(join(snapshots, name), 'latin1');
    return content.trimEnd().endsWith('}') && name;
  });
  const unsealKey = (await readFile(join(dir, 'keys/unseal.key'), 'utf8')).trim();
  const needles = [
    ...NEEDLES,
    textNeedle('the unseal key', unsealKey),
    ...(await keksOf(system, dir)),
  ].filter(
    // Its own code has the labels of PEM in it.
    ({ name }) => !name.includes('PRIVATE'),
  );
  expect((await search(snapshots, needles)).found).toEqual([]);
  // The search was of the heap: what is no secret is there.
  expect((await readFile(join(snapshots, file), 'latin1')).includes(tenant.certificateId)).toBe(true);
});
