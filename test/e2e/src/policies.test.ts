/** What becomes of recordings whose profile has no certificate that can be used: nothing is lost, and nothing in clear by accident. */
import { createHash, randomBytes } from 'node:crypto';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { EVENT_KINDS } from '@sealtrack/contracts/event-kinds';
import type { RecordingHeader } from '@sealtrack/contracts/gen/sealtrack/ingest/v1/ingest';
import { afterAll, expect, test } from 'vitest';
import { watchEvents } from './testing/events.ts';
import { get, header, put, splice, stored } from './testing/media.ts';
import { openWithOpenssl, sealtrack } from './testing/programs.ts';
import { assign, createProfile, type Imported, importNew, untilPushed } from './testing/tenant.ts';
import { systemForThisFile } from './testing/test-system.ts';
import { failureOf, until } from './testing/until.ts';

const { system, doors, dir } = await systemForThisFile();
const events = await watchEvents(doors, 'events.>', 'start');
afterAll(() => events[Symbol.asyncDispose]());
const media = randomBytes(700_000);
const good = await importNew(doors, 'demo');
const past = { notBefore: new Date('2020-01-01T00:00:00Z'), notAfter: new Date('2021-01-01T00:00:00Z') };
const expired = await importNew(doors, 'demo', { commonName: 'Expired', ...past });

const tenantId = 'demo';
/** The folder of a recording in the media store. */
const folderOf = ({ recordingId }: RecordingHeader) => {
  const shard = createHash('sha256').update(recordingId).digest('hex').slice(0, 2);
  return join(dir, 'media/recordings', tenantId, shard, recordingId);
};
async function objectsOf(head: RecordingHeader) {
  const folder = folderOf(head);
  const [name = ''] = (await readdir(folder)).filter((each) => each !== 'recording.json');
  const manifestFile = join(folder, 'recording.json');
  return {
    manifestFile,
    manifest: JSON.parse(await readFile(manifestFile, 'utf8')),
    content: await readFile(join(folder, name)),
  };
}
const keyFileOf = async ({ certificateId, privateKeyPem }: Imported) => {
  const file = join(dir, `${certificateId}.key`);
  await writeFile(file, privateKeyPem, { mode: 0o600 });
  return file;
};
/** Resolves when the index has it, and to what it says then. */
const released = (head: RecordingHeader) =>
  until(`${head.recordingId} is released`, async () => {
    const recording = await stored(doors, head);
    return recording.quarantineReason === '' && recording;
  });
const ofRecording =
  ({ recordingId }: RecordingHeader) =>
  (data: { recordingId: string }) =>
    data.recordingId === recordingId;

test.each([
  ['none-assigned', '201', [] as Imported[]],
  ['expired', '202', [expired]],
])(
  'required, %s: it is held, plays, and is sealed to the right certificate by itself once there is one',
  async (reason, profileId, certificates) => {
    if (certificates.length > 0) await createProfile(doors, tenantId, profileId, certificates);
    else {
      await doors.profiles.createProfile({ tenantId, profileId, name: 'None' });
      await untilPushed(doors, tenantId, profileId);
    }
    const head = header({ profileId });
    const receipt = await put(doors, head, media);
    expect(receipt).toMatchObject({ quarantineReason: reason, clearPolicy: '', suite: 'pkcs7' });
    const alarm = await events.first(EVENT_KINDS.recordingQuarantined, ofRecording(head));
    expect(alarm).toMatchObject({
      profileId,
      reason,
      nextStep: expect.stringContaining('sealtrack profiles'),
    });
    expect(await stored(doors, head)).toMatchObject({ quarantineReason: reason });
    const listed = await doors.recordings.listRecordings({ tenantId, quarantined: true });
    expect(listed.recordings.some(ofRecording(head))).toBe(true);
    expect((await get(doors, head)).bytes.equals(media)).toBe(true);
    const before = await objectsOf(head);

    await assign(doors, tenantId, profileId, [good]);
    await events.first(EVENT_KINDS.recordingRewrapped, ofRecording(head));
    const recording = await released(head);
    expect(recording.media).toMatchObject([{ certificateIds: [good.certificateId] }]);
    expect(recording.rewrappedAt).toBeInstanceOf(Date);
    const after = await objectsOf(head);
    expect(after.content.equals(before.content), 'the media was not touched').toBe(true);
    expect(after.manifest.media[0].tags).toBe(before.manifest.media[0].tags);
    expect((await get(doors, head)).bytes.equals(media)).toBe(true);
    const { pkcs7 } = await splice(doors, head);
    expect((await openWithOpenssl(pkcs7, await keyFileOf(good))).equals(media)).toBe(true);
    const [holding] = receipt.certificateIds;
    const { recordings } = await doors.recordings.countRecordings({ tenantId, certificateId: holding ?? '' });
    const still = await doors.recordings.listRecordings({ tenantId, quarantined: true });
    expect(still.recordings.some(ofRecording(head))).toBe(false);
    expect(Number(recordings)).toBe(still.recordings.length);
  },
);

test('the holding key can neither be assigned nor deleted', async () => {
  await createProfile(doors, tenantId, '210', [good]);
  await doors.profiles.createProfile({ tenantId, profileId: '211', name: 'None' });
  await untilPushed(doors, tenantId, '211');
  const receipt = await put(doors, header({ profileId: '211' }), media);
  const certificateIds = [...receipt.certificateIds];
  expect(
    await failureOf(doors.profiles.assignCertificates({ tenantId, profileId: '210', certificateIds })),
  ).toMatchObject({
    code: 'CERTIFICATE_UNUSABLE',
  });
  const [certificateId = ''] = certificateIds;
  expect(await failureOf(doors.certificates.deleteCertificate({ tenantId, certificateId }))).toMatchObject({
    code: 'CERTIFICATE_IN_USE',
  });
});

test.each([
  ['optional', '301', 'none-assigned'],
  ['off', '302', 'policy-off'],
])('%s: in clear, with an event that says so, and it plays', async (policy, profileId, reason) => {
  await doors.profiles.createProfile({ tenantId, profileId, name: policy, policy });
  if (policy === 'off') await assign(doors, tenantId, profileId, [good]);
  await untilPushed(doors, tenantId, profileId);
  const head = header({ profileId });
  const receipt = await put(doors, head, media);
  expect(receipt).toMatchObject({
    suite: 'clear',
    clearPolicy: policy,
    quarantineReason: '',
    certificateIds: [],
  });
  const said = await events.first(EVENT_KINDS.recordingKeptInClear, ofRecording(head));
  expect(said).toMatchObject({ policy, reason, profileId });
  await stored(doors, head);
  expect((await objectsOf(head)).content.equals(media)).toBe(true);
  expect((await get(doors, head)).bytes.equals(media)).toBe(true);
  const piece = await get(doors, head, { offset: 262_000, length: 300_000 });
  expect(piece.bytes.equals(media.subarray(262_000, 562_000))).toBe(true);
  expect(await failureOf(splice(doors, head))).toMatchObject({ code: 'MEDIA_NOT_ENCRYPTED' });
});

test('optional, with a certificate that can be used: encrypted to it', async () => {
  await doors.profiles.createProfile({ tenantId, profileId: '303', name: 'Optional', policy: 'optional' });
  await assign(doors, tenantId, '303', [good, expired]);
  await untilPushed(doors, tenantId, '303');
  const receipt = await put(doors, header({ profileId: '303' }), media);
  expect(receipt).toMatchObject({
    clearPolicy: '',
    quarantineReason: '',
    certificateIds: [good.certificateId],
  });
});

test('a manifest in clear does not pass for that of an encrypted recording', async () => {
  const [clear, sealed] = [header({ profileId: '302' }), header({ profileId: '303' })];
  await put(doors, clear, media);
  await put(doors, sealed, media);
  await stored(doors, clear);
  await stored(doors, sealed);
  const [from, to] = [await objectsOf(clear), await objectsOf(sealed)];
  const forged = { ...from.manifest, recordingId: sealed.recordingId };
  forged.media[0].ciphertext = to.manifest.media[0].ciphertext;
  await writeFile(to.manifestFile, JSON.stringify(forged));
  await writeFile(join(folderOf(sealed), to.manifest.media[0].ciphertext), media);
  expect(await failureOf(get(doors, sealed))).toMatchObject({ code: 'MANIFEST_INVALID' });
});

test('screen recordings go by the screen settings, and the last certificate taken away is no clear text', async () => {
  await createProfile(doors, tenantId, '401', [good]);
  const screen = await importNew(doors, tenantId, { commonName: 'Screens' });
  const video = () => header({ profileId: '401', contentType: 'video/mp4' });
  expect(await put(doors, video(), media)).toMatchObject({ certificateIds: [good.certificateId] });

  const save = (certificateIds: string[], expectedRevision = 0n) =>
    doors.profiles.saveScreenSettings({ tenantId, certificateIds, expectedRevision });
  const { settings } = await save([screen.certificateId]);
  await untilPushed(doors, tenantId);
  expect(await put(doors, video(), media)).toMatchObject({ certificateIds: [screen.certificateId] });
  expect(await put(doors, header({ profileId: '401' }), media)).toMatchObject({
    certificateIds: [good.certificateId],
  });

  await save([], settings?.revision);
  expect(await failureOf(save([good.certificateId], settings?.revision))).toMatchObject({
    code: 'PROFILE_CONFLICT',
  });
  await untilPushed(doors, tenantId);
  const head = video();
  expect(await put(doors, head, media)).toMatchObject({ quarantineReason: 'none-assigned', clearPolicy: '' });
  await save([screen.certificateId]);
  expect(await released(head)).toMatchObject({ media: [{ certificateIds: [screen.certificateId] }] });
});

test('chats have certificates and a policy of their own', async () => {
  const chats = await importNew(doors, tenantId, { commonName: 'Chats' });
  await createProfile(doors, tenantId, '501', [good]);
  await doors.profiles.assignCertificates({
    tenantId,
    profileId: '501',
    certificateIds: [chats.certificateId],
    mediaType: 'digital',
  });
  await untilPushed(doors, tenantId, '501');
  const chat = (mediaType: string, contentType = 'application/json') =>
    put(doors, header({ profileId: '501', mediaType, contentType }), media);
  for (const mediaType of ['email', 'chat', 'message', 'transcript'])
    expect(await chat(mediaType)).toMatchObject({ certificateIds: [chats.certificateId] });
  expect(await chat('', 'text/plain')).toMatchObject({ certificateIds: [chats.certificateId] });
  expect(await chat('voice')).toMatchObject({ certificateIds: [good.certificateId] });
  expect(await failureOf(chat('smoke'))).toMatchObject({
    code: 'INVALID_ARGUMENT',
    details: { field: 'media_type' },
  });
});

test('a recording for a profile that was deleted is held, and released when the profile is there again', async () => {
  await createProfile(doors, tenantId, '601', [good]);
  await doors.profiles.deleteProfile({ tenantId, profileId: '601' });
  await untilPushed(doors, tenantId, '601');
  const head = header({ profileId: '601' });
  expect(await put(doors, head, media)).toMatchObject({ quarantineReason: 'profile-deleted' });
  await createProfile(doors, tenantId, '601', [good]);
  expect(await released(head)).toMatchObject({ media: [{ certificateIds: [good.certificateId] }] });
});

test('a successor takes over when it is its time, and not before', async () => {
  const next = await importNew(doors, tenantId, { commonName: 'Next' });
  await createProfile(doors, tenantId, '701', [good]);
  const useFrom = new Date(Date.now() + 4_000);
  await doors.profiles.assignCertificates({
    tenantId,
    profileId: '701',
    certificateIds: [good.certificateId, next.certificateId],
    successions: [{ certificateId: next.certificateId, replaces: good.certificateId, useFrom }],
  });
  await untilPushed(doors, tenantId, '701');
  const first = await put(doors, header({ profileId: '701' }), media);
  if (new Date() < useFrom) expect(first.certificateIds).toEqual([good.certificateId]);
  await until('the successor is used alone', async () => {
    const { certificateIds } = await put(doors, header({ profileId: '701' }), media);
    return certificateIds.join() === next.certificateId;
  });
  expect(Date.now()).toBeGreaterThanOrEqual(useFrom.getTime());
});

test('people see who runs what, and what is held', async () => {
  const rollout = await sealtrack(system, 'profiles', 'rollout', '201');
  expect(rollout).toMatchObject({ code: 0 });
  expect(rollout.said).toMatch(/encryptor +applied/);
  await doors.profiles.createProfile({ tenantId, profileId: '801', name: 'Bare' });
  await untilPushed(doors, tenantId, '801');
  const head = header({ profileId: '801' });
  await put(doors, head, media);
  await stored(doors, head);
  const listed = await sealtrack(system, 'recordings', 'list', '--quarantined');
  expect(listed.said).toContain(head.recordingId);
  expect(listed.said).toContain('none-assigned');
  expect((await sealtrack(system, 'doctor')).said).toMatch(/quarantine/i);
});
