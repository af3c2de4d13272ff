/** What is said on the bus: in which form, and, for audit records, when. */
import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { glob, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type TailedEvent, tailEvents } from '@sealtrack/bus/tail';
import { EVENT_KINDS, type EventKind } from '@sealtrack/contracts/event-kinds';
import { DecryptionServiceDefinition } from '@sealtrack/contracts/gen/sealtrack/decryption/v1/decryption';
import type { RecordingHeader } from '@sealtrack/contracts/gen/sealtrack/ingest/v1/ingest';
import { SUBJECTS } from '@sealtrack/contracts/subjects';
import { parseManifest, sealedMedia } from '@sealtrack/envelope/manifest';
import { connectRpc } from '@sealtrack/rpc/client';
import { afterAll, expect, test } from 'vitest';
import { watchEvents } from './testing/events.ts';
import { capture, get, header, put, splice, stored } from './testing/media.ts';
import { sealtrack } from './testing/programs.ts';
import { assign, createTenant, importNew, untilPushed } from './testing/tenant.ts';
import { systemForThisFile } from './testing/test-system.ts';
import { failureOf, until } from './testing/until.ts';

const { system, doors, dir } = await systemForThisFile();
const tenant = await createTenant(doors);
const media = randomBytes(600_000);
const byGrpc = header();
const byNats = header();
const refused = header({ profileId: '999' });
await put(doors, byGrpc, media);
for (const head of [byNats, refused]) await capture(doors, head, media);
for (const head of [byGrpc, byNats]) await stored(doors, head);
await get(doors, byGrpc);
await get(doors, byNats, { offset: 5, length: 10 });
const { manifest } = await splice(doors, byGrpc);

/** What administrators and integrators do. */
async function unwrapAndDelete(): Promise<void> {
  const [entry] = parseManifest(manifest).media.map(sealedMedia);
  const { publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  await doors.decryption.unwrapKeys({
    tenantId: 'demo',
    keys: [
      {
        recordingId: byGrpc.recordingId,
        envelope: entry?.envelope ?? Buffer.alloc(0),
        certificateIds: [...(entry?.certificateIds ?? [])],
      },
    ],
    publicKey: publicKey.export({ type: 'spki', format: 'der' }),
  });
  const { certificateId } = await importNew(doors, 'demo', { commonName: 'Not needed' });
  await doors.certificates.deleteCertificate({ tenantId: 'demo', certificateId });
  await doors.certificates.restoreCertificate({ tenantId: 'demo', certificateId });
  expect((await sealtrack(system, 'keys', 'backup', '--out', join(dir, 'keys.backup'))).code).toBe(0);
}

const DAY_MS = 24 * 60 * 60 * 1000;

/** What administrators do with profiles, and what becomes of recordings then. */
async function manageProfiles(): Promise<void> {
  await doors.profiles.createProfile({ tenantId: 'demo', profileId: '102', name: 'Without a certificate' });
  await untilPushed(doors, 'demo', '102');
  await put(doors, header({ profileId: '102' }), media);
  await doors.profiles.createProfile({ tenantId: 'demo', profileId: '103', name: 'Off', policy: 'off' });
  await untilPushed(doors, 'demo', '103');
  await put(doors, header({ profileId: '103' }), media);
  const notAfter = (days: number) => new Date(Date.now() + days * DAY_MS);
  const notBefore = notAfter(-100);
  const soon = await importNew(doors, 'demo', { commonName: 'Soon', notBefore, notAfter: notAfter(20) });
  const late = await importNew(doors, 'demo', { commonName: 'Late', notBefore, notAfter: notAfter(-1) });
  await assign(doors, 'demo', '102', [soon, late]);
  const certificateIds = [soon.certificateId];
  await doors.profiles.saveScreenSettings({ tenantId: 'demo', certificateIds });
  // It looks for what expires when it starts, and then every ten minutes.
  await system.services['profile-config'].restart();
}

/** Nobody with that role may. */
async function listenAsAdministrator(): Promise<void> {
  const transport = await system.connections.transportOf('administrator');
  await using decryption = connectRpc(DecryptionServiceDefinition, system.addresses.crypto, { transport });
  const listening = Array.fromAsync(decryption.decryptMedia(byGrpc));
  expect(await failureOf(listening)).toMatchObject({ code: 'PERMISSION_DENIED' });
}

/** As a disk does it. */
async function damage({ recordingId }: RecordingHeader): Promise<void> {
  const files = await Array.fromAsync(glob(`**/${recordingId}/*.enc`, { cwd: dir }));
  expect(files).toHaveLength(1);
  const path = join(dir, files[0] ?? '');
  const ciphertext = await readFile(path);
  ciphertext[300_000] = (ciphertext[300_000] ?? 0) ^ 1;
  await writeFile(path, ciphertext);
}

const damaged = header();
await put(doors, damaged, media);
await stored(doors, damaged);
await damage(damaged);
const failure = await failureOf(get(doors, damaged));
await unwrapAndDelete();
await manageProfiles();
await listenAsAdministrator();

const kinds: readonly EventKind<unknown>[] = Object.values(EVENT_KINDS) as EventKind<unknown>[];
const kindOf = ({ headers }: TailedEvent) => kinds.find(({ type }) => type === headers['ce-type']);
/**
 * One is the pipeline's, one takes an authority and its list (revocation.test.ts), one a second crypto server, one a held
 * envelope that does not open, and one a console.
 */
const notHere: readonly string[] = [
  EVENT_KINDS.recordingCaptured.type,
  EVENT_KINDS.certificateRevoked.type,
  EVENT_KINDS.mediaKeyHandedOver.type,
  EVENT_KINDS.mediaDecryptFailed.type,
  EVENT_KINDS.accountRecorded.type,
];

const events = await watchEvents(doors, 'events.>', 'start');
const audit = await watchEvents(doors, 'audit.>', 'start');
afterAll(() => Promise.all([events, audit].map((watch) => watch[Symbol.asyncDispose]())));
const everything = () => [...events.seen, ...audit.seen];

test('every kind of event was said, on the subject that its type says', async () => {
  await until('every kind was said', () =>
    kinds.every(
      (kind) => notHere.includes(kind.type) || everything().some((event) => kindOf(event) === kind),
    ),
  );
  for (const event of everything()) {
    const [, entity, happened] =
      /^sealtrack\.([a-z-]+)\.([a-z-]+)\.v1$/.exec(event.headers['ce-type'] ?? '') ?? [];
    const ofChains: Readonly<Record<string, string>> = {
      'chain-opened': SUBJECTS.auditChainOpened,
      checkpoint: SUBJECTS.auditCheckpoint,
    };
    const expected = event.subject.startsWith('events.')
      ? `events.demo.${entity}.${happened}`
      : entity === 'audit'
        ? ofChains[happened ?? '']
        : `audit.${entity === 'keys' && happened === 'backup-recorded' ? '_' : 'demo'}.${entity}-${happened?.replace(/-(requested|recorded)$|ped$/, '')}`;
    expect(event.subject).toBe(expected);
  }
});

test('each is CloudEvents 1.0 in binary mode, and stored once for each id', () => {
  for (const { headers, subject } of everything()) {
    expect(headers, subject).toMatchObject({
      'ce-specversion': '1.0',
      'ce-id': expect.stringMatching(/./),
      'ce-type': expect.stringMatching(/^sealtrack\.[a-z.-]+\.v1$/),
      'ce-source': expect.stringMatching(
        /^(media-encryptor|metadata-processor|crypto-server|profile-config)$/,
      ),
      'ce-time': expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
      'ce-datacontenttype': 'application/json',
      'Nats-Msg-Id': subject.startsWith('audit.')
        ? `${headers['ce-chain']}.${headers['ce-chainsequence']}`
        : headers['ce-id'],
    });
    if (headers.traceparent !== undefined)
      expect(headers.traceparent).toMatch(/^00-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$/);
  }
  const ids = everything().map(({ headers }) => `${headers['ce-source']} ${headers['ce-id']}`);
  expect(new Set(ids).size).toBe(ids.length);
});

test('each body is the proto3 JSON of its message, and nothing more', () => {
  for (const event of everything()) {
    const body: unknown = JSON.parse(event.body);
    const kind = kindOf(event);
    expect(kind?.message.toJSON(kind.message.fromJSON(body))).toEqual(body);
  }
});

test('one trace leads from the hand-over of a capture to its being stored', async () => {
  const of = (kind: EventKind<unknown>, recordingId: string) =>
    everything().find((event) => kindOf(event) === kind && event.body.includes(recordingId))?.headers
      .traceparent;
  const [encrypted, found] = [EVENT_KINDS.recordingEncrypted, EVENT_KINDS.recordingStored].map((kind) =>
    of(kind as EventKind<unknown>, byNats.recordingId),
  );
  const traceId = (traceparent: string | undefined) => traceparent?.split('-')[1];
  expect(traceId(encrypted)).toMatch(/^[0-9a-f]{32}$/);
  expect(traceId(found)).toBe(traceId(encrypted));
});

test('every access is on record: who, what, and which part of it', () => {
  const decrypts = audit.all(EVENT_KINDS.mediaDecryptRequested);
  expect(decrypts).toMatchObject([
    { recordingId: byGrpc.recordingId, offset: 0n, length: 600_000n, purpose: 'test' },
    { recordingId: byNats.recordingId, offset: 5n, length: 10n, purpose: 'test' },
    { recordingId: damaged.recordingId, offset: 0n, length: 600_000n, purpose: 'test' },
  ]);
  for (const record of decrypts) {
    expect(record).toMatchObject({ tenantId: 'demo', mediaId: 'main', certificateId: tenant.certificateId });
    expect(record.caller).toBe('player localhost');
  }
  expect(audit.all(EVENT_KINDS.mediaExportRequested)).toMatchObject([{ recordingId: byGrpc.recordingId }]);
});

test('which check failed is on record, and whoever asked does not hear it', () => {
  expect(failure).toMatchObject({
    code: 'DECRYPTION_FAILED',
    message: 'The media does not match its envelope and tags',
    details: {},
  });
  const ended = audit.all(EVENT_KINDS.mediaDecryptEnded);
  expect(ended.filter(({ outcome }) => outcome !== 'complete')).toMatchObject([
    {
      ...{ tenantId: 'demo', recordingId: damaged.recordingId, outcome: 'failed', code: 'DECRYPTION_FAILED' },
      ...{ failedCheck: 'segment tag', segment: 1n },
    },
  ]);
});

test('the record is there before the first byte is', async () => {
  const request = { ...byGrpc, range: undefined, purpose: 'first byte' };
  const parts = doors.decryption.decryptMedia(request)[Symbol.asyncIterator]();
  const { value: first } = await parts.next();
  // Read from the stream's start, once the answer began and before any of it was taken.
  const closing = new AbortController();
  const recorded = tailEvents(doors.audit, { subject: 'audit.>', from: 'start', signal: closing.signal });
  let found = false;
  for await (const { body } of recorded) {
    found = body.includes('first byte');
    if (found) break;
  }
  closing.abort();
  expect(found).toBe(true);
  expect(first?.part?.$case).toBe('header');
  await parts.return?.();
});

test('without the bus nothing comes out, not even a header, and the error says why', async () => {
  const already = audit.seen.length;
  await system.nats.stop();
  const arrived: unknown[] = [];
  const request = { ...byGrpc, range: undefined, purpose: '' };
  for (const access of [
    () => doors.decryption.decryptMedia(request),
    () => doors.decryption.decryptMedia({ ...request, range: { offset: 5n, length: 1n } }),
    () => doors.decryption.exportPkcs7(byGrpc),
  ]) {
    const reading = (async () => {
      for await (const part of access()) arrived.push(part);
    })();
    expect(await failureOf(reading)).toMatchObject({
      code: 'AUDIT_UNAVAILABLE',
      fix: expect.stringContaining('AUDIT'),
    });
  }
  expect(arrived).toEqual([]);

  await system.nats.restart();
  const back = await until('decryption works again', () => get(doors, byGrpc).catch(() => undefined));
  expect(back.bytes.equals(media)).toBe(true);
  await until('the access is on record', () => audit.seen.length > already);
});
