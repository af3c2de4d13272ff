/** The wire of a running system, as a stranger finds it: nobody without a certificate gets anywhere, and nothing leaks. */
import { createPrivateKey, X509Certificate } from 'node:crypto';
import { readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { authorityDir, bootstrap, crlFile, PARTIES, partyFiles } from '@sealtrack/authority/bootstrap';
import { REDIS_USERS } from '@sealtrack/authority/redis-passwords';
import { readLog } from '@sealtrack/bus/read-log';
import { CertificateServiceDefinition } from '@sealtrack/contracts/gen/sealtrack/certificates/v1/certificates';
import { DecryptionServiceDefinition } from '@sealtrack/contracts/gen/sealtrack/decryption/v1/decryption';
import type { ServiceName } from '@sealtrack/launcher/system';
import { connectRpc } from '@sealtrack/rpc/client';
import { temporaryFolder } from '@sealtrack/testkit/temporary-folder';
import { afterAll, describe, expect, test } from 'vitest';
import { isLetIn, PROTOCOLS, type Stranger, serialAt } from './testing/knock.ts';
import { get, header, put, slowUpload, stored } from './testing/media.ts';
import { KNOWS_PROCESSES, listeningPorts, visibleOf } from './testing/process-facts.ts';
import { run, SEALTRACK } from './testing/programs.ts';
import { type Needle, needle, search, textNeedle } from './testing/secrets.ts';
import { createTenant } from './testing/tenant.ts';
import { systemForThisFile } from './testing/test-system.ts';
import { failureOf, until } from './testing/until.ts';

const SERVICES = ['media-encryptor', 'metadata-processor', 'crypto-server', 'profile-config'] as const;
async function tls(...args: string[]): Promise<void> {
  const { code, said } = await run(process.execPath, [SEALTRACK, 'tls', ...args]);
  expect(code, said).toBe(0);
}
const publishRevocations = (home: string) => tls('crl', '--dir', authorityDir(join(home, 'tls')));

/** The development CA, with a revocation list that has nobody on it yet, and services that look at it. */
const { system, doors, dir, exits } = await systemForThisFile(async (home) => {
  await bootstrap({ dir: join(home, 'tls') });
  await publishRevocations(home);
  const settings = {
    SEALTRACK_LOG_LEVEL: 'debug',
    SEALTRACK_METRICS_LISTEN: '127.0.0.1:0',
    SEALTRACK_TLS_CRL: crlFile(join(home, 'tls')),
  };
  return Object.fromEntries(SERVICES.map((name) => [name, settings]));
});
await createTenant(doors);
const folder = await temporaryFolder();
afterAll(() => folder.remove());
// Somebody else's, who calls everybody by the same names.
const foreign = join(folder.path, 'foreign');
await bootstrap({ dir: foreign });

/** Where its log says that a service serves metrics. */
async function metricsOf(name: ServiceName): Promise<string> {
  const lines = (await readFile(system.services[name].logFile, 'utf8')).trimEnd().split('\n');
  return lines.map((line) => JSON.parse(line)).find(({ msg }) => msg === 'ready').addresses.metrics;
}

const host = (url: string) => new URL(url).host;
const all = [
  ...SERVICES.map((name) => ({ door: name, protocol: PROTOCOLS.grpc, at: system.services[name].address })),
  ...(await Promise.all(
    SERVICES.map(async (name) => ({
      door: `${name}'s metrics`,
      protocol: PROTOCOLS.metrics,
      at: await metricsOf(name),
    })),
  )),
  { door: 'NATS', protocol: PROTOCOLS.nats, at: host(system.natsUrl) },
  { door: 'Redis', protocol: PROTOCOLS.redis, at: host(system.redisUrl) },
];

const STRANGERS: readonly (readonly [who: string, Stranger])[] = [
  ['in plaintext', { plaintext: true }],
  ['without a certificate', {}],
  ["with somebody else's administrator's certificate", { files: partyFiles(foreign, 'administrator') }],
];

describe.each(all)('$door', ({ protocol, at }) => {
  test('speaks with the administrator', async () => {
    expect(await isLetIn(at, protocol, { files: system.connections.filesOf('administrator') })).toBe(true);
  });

  test.each(STRANGERS)('does not with anybody %s', async (_, stranger) => {
    expect(await isLetIn(at, protocol, stranger)).toBe(false);
  });
});

test.skipIf(!KNOWS_PROCESSES)('no process listens anywhere else', async () => {
  const pids = [...Object.values(system.services), system.nats, system.redis].map(({ pid }) => pid);
  const ports = pids.flatMap(listeningPorts);
  // The gateway's is for browsers, which have no certificates.
  const addresses = [...all.map(({ at }) => at), system.addresses.playback];
  expect([...ports].sort()).toEqual(addresses.map((at) => Number(at.split(':')[1])).sort());
});

/** The number that makes each private key private, and every password. */
async function ownSecrets(): Promise<Needle[]> {
  const keys = PARTIES.map(async (party) => {
    const pem = await readFile(partyFiles(join(dir, 'tls'), party).certificateKey);
    const { d = '' } = createPrivateKey(pem).export({ format: 'jwk' });
    const bytes = Buffer.from(d, 'base64url');
    // By halves, since a line of PEM may end in the middle of either.
    const forms = [bytes.subarray(0, 16), bytes.subarray(16)].flatMap((half) => needle('', half).forms);
    return { name: `${party}'s key`, forms };
  });
  const passwords = Object.entries(system.connections.redisPasswords ?? {}).map(async ([user, file]) =>
    textNeedle(`${user}'s password`, (await readFile(file, 'utf8')).trim()),
  );
  return Promise.all([...keys, ...passwords]);
}

test('keys and passwords are in their own files, for their owner only, and nowhere a process shows', async () => {
  const head = header();
  await put(doors, head, Buffer.from('a recording'));
  await stored(doors, head);
  const secrets = await ownSecrets();
  expect(secrets).toHaveLength(PARTIES.length + REDIS_USERS.length);
  const { found } = await search(dir, secrets);
  const files = found.map((each) => each.split(' in ')[1] ?? '');
  expect(new Set(found.map((each) => each.split(' in ')[0])).size).toBe(secrets.length);
  expect(
    files.filter((file) => !/^(tls\/.*(key|cert)\.(pem|pfx)|keys\/redis-[\w-]+\.password)$/.test(file)),
  ).toEqual([]);
  for (const file of files) expect((await stat(join(dir, file))).mode & 0o077, file).toBe(0);

  if (!KNOWS_PROCESSES) return;
  const shown = await temporaryFolder();
  await using _ = shown;
  for (const [name, { pid }] of Object.entries({
    ...system.services,
    nats: system.nats,
    redis: system.redis,
  }))
    await writeFile(join(shown.path, name), visibleOf(pid));
  expect(await search(shown.path, secrets)).toEqual({ found: [], files: expect.arrayContaining(['nats']) });
  // The search was of what it should be: names of files are there.
  expect(await readFile(join(shown.path, 'crypto-server'), 'utf8')).toContain('redis-crypto-server.password');
  expect(await readdir(join(dir, 'logs'))).toHaveLength(Object.keys(system.services).length);
});

test('a new certificate and key of a service are taken up under load: no restart, no error, no stream broken off', async () => {
  const { pid, address } = system.services['media-encryptor'];
  const before = await serialAt(address);
  const upload = slowUpload(doors);
  await upload.begun;
  let going = true;
  let sent = 0;
  const flow = Array.from({ length: 4 }, async () => {
    for (; going; sent += 1) await put(doors, header(), Buffer.from('one more'));
  });
  const files = partyFiles(join(dir, 'tls'), 'media-encryptor');
  for (const file of [files.certificateKey, files.certificate]) await rm(file);
  await bootstrap({ dir: join(dir, 'tls') });
  await until('the new one is shown', async () => (await serialAt(address)) !== before);
  const shown = sent;
  await until('more were taken since', () => sent > shown + 8);
  going = false;
  await Promise.all(flow);
  upload.goOn();
  expect(await upload.receipt).toMatchObject({ plaintextSize: BigInt(upload.media.length) });
  await stored(doors, upload.head);
  expect((await get(doors, upload.head)).bytes.equals(upload.media)).toBe(true);
  expect(system.services['media-encryptor'].pid).toBe(pid);
  expect(exits).toEqual([]);
});

test('a console speaks for people, who may what is theirs and are on record for it; nobody else speaks for anybody', async () => {
  const head = header();
  await put(doors, head, Buffer.from('a recording'));
  await stored(doors, head);
  const { tenantId, recordingId } = head;
  const { crypto } = system.addresses;
  const [alice, bob] = [
    ['user:alice', 'group:players'],
    ['user:bob', 'group:administrators'],
  ];
  const as = async (party: 'console' | 'player', onBehalfOf?: readonly string[]) => {
    await using stack = new AsyncDisposableStack();
    const transport = await system.connections.transportOf(party);
    const media = stack.use(connectRpc(DecryptionServiceDefinition, crypto, { transport }));
    const certificates = stack.use(connectRpc(CertificateServiceDefinition, crypto, { transport }));
    const options = onBehalfOf === undefined ? {} : { onBehalfOf };
    const outcome = (call: Promise<unknown>) =>
      call.then(
        () => 'OK',
        (error: { code: string }) => error.code,
      );
    return [
      await outcome(Array.fromAsync(media.decryptMedia({ tenantId, recordingId }, options))),
      await outcome(certificates.listCertificates({ tenantId }, options)),
    ];
  };
  const NO = 'PERMISSION_DENIED';
  expect(await as('console', alice)).toEqual(['OK', NO]);
  expect(await as('console', bob)).toEqual([NO, 'OK']);
  expect(await as('console')).toEqual([NO, NO]);
  expect(await as('player', alice)).toEqual([NO, NO]);

  const records = async () => {
    const { signal } = new AbortController();
    const log = readLog(doors.audit, { stream: 'AUDIT', subject: `audit.${tenantId}.>`, signal });
    const all = (await Array.fromAsync(log)).map(({ subject, body }) => ({
      subject,
      ...(JSON.parse(Buffer.from(body).toString()) as { recordingId: string; caller: string; user?: string }),
    }));
    return all.filter((record) => record.recordingId === recordingId && !record.subject.endsWith('-ended'));
  };
  await until('all are on record', async () => (await records()).length === 4);
  expect((await records()).map(({ caller, user }) => [caller, user]).sort()).toEqual([
    ['console localhost', undefined],
    ['player localhost', undefined],
    ['user:alice group:players via console localhost', 'alice'],
    ['user:bob group:administrators via console localhost', 'bob'],
  ]);
});

test('a revoked client is cut off in the middle of an upload and gets in nowhere, and nobody else notices', async () => {
  const upload = slowUpload(doors);
  await upload.begun;
  const files = system.connections.filesOf('pipeline');
  await tls(
    'revoke',
    files?.certificate ?? '',
    '--dir',
    authorityDir(join(dir, 'tls')),
    '--reason',
    'keyCompromise',
  );
  await publishRevocations(dir);
  expect(await failureOf(upload.receipt)).toMatchObject({ grpcStatus: 'UNAVAILABLE' });
  for (const name of SERVICES)
    await until(
      `${name} refuses it`,
      async () => !(await isLetIn(system.services[name].address, PROTOCOLS.grpc, { files })),
    );
  expect((await doors.recordings.listRecordings({ tenantId: 'demo', pageSize: 1 })).recordings).toHaveLength(
    1,
  );
  const log = await readFile(system.services['media-encryptor'].logFile, 'utf8');
  const serial = new X509Certificate(await readFile(files?.certificate ?? '')).serialNumber;
  expect(
    log.split('\n').some((line) => line.includes('revoked') && line.toUpperCase().includes(serial)),
  ).toBe(true);
});
