/** What becomes of recordings that no certificate can be used for, from their alarm to their release; and of those in clear. */
import { randomBytes } from 'node:crypto';
import { glob, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { EVENT_KINDS } from '@sealtrack/contracts/event-kinds';
import { parseManifest } from '@sealtrack/envelope/manifest';
import { waitUntilApplied } from '@sealtrack/launcher/demo/wait-until-applied';
import { expect, test } from 'vitest';
import { watchEvents } from './testing/events.ts';
import { capture, get, header, put, splice, stored } from './testing/media.ts';
import { createTenant, importNew } from './testing/tenant.ts';
import { systemForThisFile } from './testing/test-system.ts';
import { failureOf, until } from './testing/until.ts';

const { doors, dir } = await systemForThisFile();
await createTenant(doors);
const certificate = await importNew(doors, 'demo', { commonName: 'Repair' });
const media = randomBytes(600_000);
const tenantId = 'demo';

async function newProfile(profileId: string, policy = ''): Promise<void> {
  await doors.profiles.createProfile({ tenantId, profileId, name: 'Broken', policy });
  await waitUntilApplied(doors, tenantId, profileId);
}

const manifestOf = async (recordingId: string) => {
  const [path = ''] = await Array.fromAsync(
    glob(`media/recordings/demo/*/${recordingId}/recording.json`, { cwd: dir }),
  );
  return parseManifest(await readFile(join(dir, path)));
};
const marks = () => Array.fromAsync(glob('media/quarantine/**/*.*', { cwd: dir }));

test('recordings of a profile without a certificate are held, and released once it has one', async () => {
  await newProfile('201');
  await using events = await watchEvents(doors);
  const byGrpc = header({ profileId: '201' });
  const byNats = header({ profileId: '201' });
  const receipt = await put(doors, byGrpc, media);
  expect(receipt).toMatchObject({ quarantineReason: 'none-assigned', clearPolicy: '', suite: 'pkcs7' });
  await capture(doors, byNats, media);
  for (const { recordingId } of [byGrpc, byNats]) {
    const alarm = await events.first(
      EVENT_KINDS.recordingQuarantined,
      (said) => said.recordingId === recordingId,
    );
    expect(alarm).toMatchObject({ profileId: '201', mediaType: 'voice', reason: 'none-assigned' });
    expect(alarm.nextStep).toContain('sealtrack profiles assign 201');
  }
  expect(await stored(doors, byGrpc)).toMatchObject({ quarantineReason: 'none-assigned' });
  expect((await get(doors, byGrpc)).bytes.equals(media)).toBe(true);
  expect(await marks()).toHaveLength(2);
  const before = await manifestOf(byGrpc.recordingId);

  await doors.profiles.assignCertificates({
    tenantId,
    profileId: '201',
    certificateIds: [certificate.certificateId],
  });
  for (const head of [byGrpc, byNats]) {
    const { recordingId } = head;
    const said = await events.first(
      EVENT_KINDS.recordingRewrapped,
      (each) => each.recordingId === recordingId,
    );
    expect(said.media[0]?.certificateIds).toEqual([certificate.certificateId]);
    await until('the index has it', async () => (await stored(doors, head))?.quarantineReason === '');
    expect((await get(doors, head)).bytes.equals(media)).toBe(true);
  }
  const after = await manifestOf(byGrpc.recordingId);
  expect(after.media[0]).toMatchObject({
    ciphertext: before.media[0]?.ciphertext,
    checksum: before.media[0]?.checksum,
    certificateIds: [certificate.certificateId],
  });
  expect(after).not.toHaveProperty('quarantine');
  await until('the marks are gone', async () => (await marks()).length === 0);
});

test('recordings that arrive for a profile that was deleted are held, whatever its policy was', async () => {
  await newProfile('202', 'off');
  await doors.profiles.deleteProfile({ tenantId, profileId: '202' });
  await waitUntilApplied(doors, tenantId, '202');
  const late = header({ profileId: '202' });
  expect(await put(doors, late, media)).toMatchObject({ quarantineReason: 'profile-deleted' });
});

test('only the media type that has no certificate is held', async () => {
  await newProfile('203');
  const certificateIds = [certificate.certificateId];
  await doors.profiles.assignCertificates({ tenantId, profileId: '203', certificateIds });
  // As when an administrator takes the last screen certificate away.
  await doors.profiles.saveScreenSettings({ tenantId });
  for (const profileId of ['203', '']) await waitUntilApplied(doors, tenantId, profileId);
  const put203 = (over: object) => put(doors, header({ profileId: '203', ...over }), media);
  expect(await put203({})).toMatchObject({ certificateIds, quarantineReason: '' });
  expect(await put203({ mediaType: 'chat' })).toMatchObject({ certificateIds, quarantineReason: '' });
  expect(await put203({ contentType: 'video/mp4' })).toMatchObject({ quarantineReason: 'none-assigned' });
});

test.each(['optional', 'off'])(
  'with the policy "%s" and no certificate it is in clear, and that is said',
  async (policy) => {
    const profileId = policy === 'off' ? '204' : '205';
    await newProfile(profileId, policy);
    await using events = await watchEvents(doors);
    const head = header({ profileId });
    expect(await put(doors, head, media)).toMatchObject({
      clearPolicy: policy,
      suite: 'clear',
      certificateIds: [],
    });
    const said = await events.first(
      EVENT_KINDS.recordingKeptInClear,
      (each) => each.recordingId === head.recordingId,
    );
    expect(said).toMatchObject({ policy, reason: policy === 'off' ? 'policy-off' : 'none-assigned' });
    await stored(doors, head);
    expect((await get(doors, head)).bytes.equals(media)).toBe(true);
    expect(await failureOf(splice(doors, head))).toMatchObject({ code: 'MEDIA_NOT_ENCRYPTED' });
    expect(events.all(EVENT_KINDS.recordingEncrypted).map(({ recordingId }) => recordingId)).not.toContain(
      head.recordingId,
    );
  },
);
