/** Three crypto servers with different private keys, and recordings that any of them plays. */
import { createPrivateKey, generateKeyPairSync, randomBytes } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { BUILT_IN_POLICY } from '@sealtrack/access/built-in-policy';
import { parseCertificate } from '@sealtrack/certificates/certificate';
import { decryptMedia } from '@sealtrack/cli/recordings/decrypt-media';
import { EVENT_KINDS } from '@sealtrack/contracts/event-kinds';
import { DecryptionServiceDefinition } from '@sealtrack/contracts/gen/sealtrack/decryption/v1/decryption';
import { decryptKeyHere } from '@sealtrack/envelope/decrypt-key';
import { parseEnvelope } from '@sealtrack/envelope/envelope';
import { parseManifest, sealedMedia } from '@sealtrack/envelope/manifest';
import { unwrapDek } from '@sealtrack/envelope/unwrap';
import { parseMediaId, parseRecordingId, parseTenantId } from '@sealtrack/ids/parse';
import { redisForTests } from '@sealtrack/launcher/testing/redis-for-tests';
import { connectRpc } from '@sealtrack/rpc/client';
import { signTicket } from '@sealtrack/tickets/sign-ticket';
import { compactDecrypt } from 'jose';
import { afterAll, expect, test } from 'vitest';
import { anotherCryptoServer } from './testing/another-crypto-server.ts';
import { watchEvents } from './testing/events.ts';
import { everythingOnTheBus } from './testing/everything-on-the-bus.ts';
import { header, put, splice, stored } from './testing/media.ts';
import { needle } from './testing/secrets.ts';
import { createProfile, type Imported, importMade, importNew } from './testing/tenant.ts';
import { systemForThisFile } from './testing/test-system.ts';
import { failureOf, until } from './testing/until.ts';
import { wav } from './testing/wav.ts';

// What is kept of a session would be played without asking anybody.
const ASKING = { SEALTRACK_SESSION_SECONDS: '0' };
const { system, doors, dir } = await systemForThisFile({ 'crypto-server': ASKING });
const stack = new AsyncDisposableStack();
afterAll(() => stack.disposeAsync());

const policyFile = join(dir, 'policy.json');
const setPolicy = (left: (who: string) => boolean) => {
  const grants = BUILT_IN_POLICY.grants.filter(({ who: [who = ''] }) => left(who));
  return writeFile(policyFile, JSON.stringify({ version: 1, grants }));
};
await setPolicy(() => true);

/** One recording for each certificate: held by the first server, by the two others, by the third, and by nobody. */
const NAMES = ['first', 'both', 'third', 'nobody'] as const;
const made = await Promise.all(
  NAMES.map(async (name, i) => {
    const certificate = await importNew(doors, 'demo');
    const profileId = String(101 + i);
    await createProfile(doors, 'demo', profileId, [certificate]);
    const head = header({ profileId });
    const media = name === 'third' ? wav(20) : randomBytes(300_000);
    await put(doors, head, media);
    await stored(doors, head);
    return [name, { certificate, head, media }] as const;
  }),
);
const recordings = Object.fromEntries(made) as Record<(typeof NAMES)[number], (typeof made)[number][1]>;

/** As purge-certificates.ts takes them away, but that nobody has to wait for weeks. */
async function takeAway(...certificates: readonly Imported[]): Promise<void> {
  await using redis = await redisForTests(system, dir);
  const { client } = redis;
  for (const { certificateId, keyId } of certificates) {
    await client.del(`st:{demo}:certificate:${certificateId}`, `st:{demo}:key:${keyId}`);
    const revision = await client.incr('st:{demo}:certificate-revision');
    await client.zadd('st:{demo}:certificate-changes', revision, certificateId);
  }
}
await takeAway(...(['both', 'third', 'nobody'] as const).map((name) => recordings[name].certificate));
const issuers = { SEALTRACK_TICKET_ISSUERS: system.ticketIssuer.issuersFile };
const [second, third] = await Promise.all([
  anotherCryptoServer({ system, dir }, 'crypto-server-2', { ...ASKING, ...issuers }),
  anotherCryptoServer({ system, dir }, 'crypto-server-3', {
    ...{ ...ASKING, ...issuers, SEALTRACK_ACCESS_POLICY: policyFile },
  }),
]);
stack.use(second);
stack.use(third);
for (const { certificates } of [second, third])
  await importMade({ ...doors, certificates }, 'demo', recordings.both.certificate);
await importMade({ ...doors, certificates: third.certificates }, 'demo', recordings.third.certificate);
const servers = [doors, second, third];

type Decryption = (typeof doors)['decryption'];
const signal = new AbortController().signal;
async function play(decryption: Decryption, name: keyof typeof recordings, ticket = ''): Promise<Buffer> {
  const { tenantId, recordingId, mediaId } = recordings[name].head;
  const asked = { tenantId, recordingId, mediaId, range: undefined, purpose: 'test', ticket };
  const { content } = await decryptMedia(decryption, asked, signal);
  return Buffer.concat(await Array.fromAsync(content));
}

test('any of them plays any recording, and who handed the key over stands on record beside who played', async () => {
  await using records = await watchEvents(doors, 'audit.>');
  await using heard = await everythingOnTheBus({ system, dir });
  // What was imported a moment ago is asked for within about a second.
  for (const name of ['both', 'third'] as const)
    await until('it is asked for', () => play(doors.decryption, name).catch(() => undefined));
  for (const { decryption } of servers)
    for (const name of ['first', 'both', 'third'] as const)
      expect((await play(decryption, name)).equals(recordings[name].media), name).toBe(true);
  const { tenantId, recordingId } = recordings.third.head;
  // Each of the peaks is that of a tone of 2,000 of 32,768.
  const drawn = { durationMs: 20_000n, channels: 1, peaks: Buffer.alloc(1_250, 15) };
  for (const { decryption } of servers)
    expect(await decryption.getWaveform({ tenantId, recordingId })).toEqual(drawn);
  const handed = await records.first(
    EVENT_KINDS.mediaKeyHandedOver,
    (data) => data.recordingId === recordingId,
  );
  expect(handed).toMatchObject({ action: 'play', certificateId: recordings.third.certificate.certificateId });
  expect([handed.server, handed.caller].map((names) => names.split(' ')[0])).toEqual([
    'crypto-server',
    'player',
  ]);
  await records.first(EVENT_KINDS.mediaDecryptRequested, (data) => data.accessId === handed.accessId);

  const asked = heard.messages.filter(({ subject }) => subject.startsWith('keys.unwrap.'));
  expect(asked.length).toBeGreaterThanOrEqual(5);
  for (const name of ['first', 'both', 'third'] as const) {
    const { certificate, head } = recordings[name];
    const [media] = parseManifest((await splice(doors, head)).manifest).media.map(sealedMedia);
    const identity = {
      certificate: parseCertificate(certificate.certificateDer),
      privateKey: certificate.privateKey,
    };
    const dek = await unwrapDek(parseEnvelope(media?.envelope ?? ''), identity, decryptKeyHere);
    const { forms } = needle('a session key', dek);
    for (const { subject, data } of heard.messages) {
      // What is signed is base64 of its own, and what is encrypted in it once more.
      const parts = data
        .toString('latin1')
        .split(/[."]/)
        .map((part) => Buffer.from(part, 'base64url'));
      for (const text of [data, ...parts])
        expect(
          forms.some((form) => text.includes(form)),
          subject,
        ).toBe(false);
    }
  }
});

test('so they unwrap keys for those who decrypt on their own side, and play for whoever has a ticket', async () => {
  const reader = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const publicKey = reader.publicKey.export({ type: 'spki', format: 'der' });
  const { recordingId } = recordings.third.head;
  const key = { recordingId, mediaId: '', envelope: Buffer.alloc(0), certificateIds: [] };
  const one = await second.decryption.unwrapKey({ tenantId: 'demo', key, publicKey, purpose: 'test' });
  expect(one.certificateId).toBe(recordings.third.certificate.certificateId);
  const wrapped = await Promise.all(
    NAMES.map(async (name) => {
      const { head } = recordings[name];
      const [media] = parseManifest((await splice(doors, head)).manifest).media.map(sealedMedia);
      const { envelope = Buffer.alloc(0), certificateIds = [] } = media ?? {};
      return { recordingId: head.recordingId, mediaId: '', envelope, certificateIds: [...certificateIds] };
    }),
  );
  const all = await second.decryption.unwrapKeys({ tenantId: 'demo', keys: wrapped, publicKey, purpose: '' });
  expect(all.keys.map(({ error }) => error)).toEqual(['', '', '', 'KEY_NOT_HELD']);
  const [dek, deks] = await Promise.all(
    [one, all].map(async ({ jwe }) => Buffer.from((await compactDecrypt(jwe, reader.privateKey)).plaintext)),
  );
  expect(deks?.subarray(64)).toEqual(dek);

  const transport = await system.connections.transportOf('playback');
  const gateway = stack.use(connectRpc(DecryptionServiceDefinition, second.service.address, { transport }));
  const { ticket } = await signTicket(
    {
      ...{ issuer: system.ticketIssuer.issuer, user: 'anna', action: 'play', lifetimeSeconds: 60 },
      ...{
        tenantId: parseTenantId('demo'),
        recordingId: parseRecordingId(recordingId),
        mediaId: parseMediaId(''),
      },
    },
    { key: createPrivateKey(await readFile(system.ticketIssuer.keyFile)), kid: undefined },
    new Date(),
  );
  expect((await play(gateway, 'third', ticket)).equals(recordings.third.media)).toBe(true);
});

test('what nobody holds is said, with the certificate', async () => {
  for (const { decryption } of servers)
    expect(await failureOf(play(decryption, 'nobody'))).toMatchObject({
      code: 'KEY_NOT_HELD',
      details: { certificate_ids: recordings.nobody.certificate.certificateId },
    });
});

test('while one of those who hold a key hangs, and when it dies in the middle, another one answers', async () => {
  const playMany = () => Promise.all(Array.from({ length: 6 }, () => play(doors.decryption, 'both')));
  const rightOnes = (all: readonly Buffer[]) =>
    all.filter((each) => each.equals(recordings.both.media)).length;
  await second.service.kill('SIGSTOP');
  expect(rightOnes(await playMany())).toBe(6);
  const playing = playMany();
  await second.service.kill();
  expect(rightOnes(await playing)).toBe(6);
});

test('whoever holds the key decides by its own policy who gets it, and through whom', async () => {
  await using records = await watchEvents(doors, 'audit.demo.access-denied');
  const { recordingId } = recordings.third.head;
  for (const [gone, action] of [
    ['player', 'media.play'],
    ['crypto-server', 'key.hand-over'],
  ] as const) {
    await setPolicy((who) => who !== gone);
    const refused = await until('the policy counts', () =>
      play(doors.decryption, 'third').then(
        () => undefined,
        (error) => (error.details.action === action ? error : undefined),
      ),
    );
    expect(refused).toMatchObject({ code: 'PERMISSION_DENIED' });
    const record = await records.first(EVENT_KINDS.accessDenied, (data) => data.action === action);
    expect(record).toMatchObject({ recordingId, code: 'PERMISSION_DENIED' });
  }
  await setPolicy(() => true);
  await until('and counts again', () => play(doors.decryption, 'third').catch(() => undefined));
});
