import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises';
import { hasCode } from '@sealtrack/errors/app-error';
import { expect, test } from 'vitest';
import { expectAllThere } from './testing/expect-all-there.ts';
import { inHalves, mediaOf } from './testing/media.ts';
import { ACK_WAIT_MS, systemUnderTest } from './testing/system-under-test.ts';
import { LARGE, newTenant, type Tenant } from './testing/tenant.ts';
import { insist, until } from './testing/until.ts';

const system = await systemUnderTest();
const { nats, services } = system;
const encryptor = services['media-encryptor'];

const hasManifest = (tenant: Tenant, recordingId: string) =>
  existsSync(join(tenant.pathOf(recordingId), 'recording.json'));

test('a receipt that was given while the bus was away is good after a crash', async () => {
  const tenant = await newTenant(system);
  await nats.kill();
  const receipt = await tenant.put('during-the-outage');
  expect(receipt).toMatchObject({ recordingId: 'during-the-outage', duplicate: false });
  expect((await tenant.folder()).unsaid).toHaveLength(1);
  await encryptor.kill();
  await nats.restart();
  await encryptor.restart();
  await expectAllThere(tenant);
});

test('a crash between manifest and event is healed at the next start', async () => {
  const tenant = await newTenant(system);
  // Suspended, so that the event is sent and not taken; killed later, so that it is never taken.
  process.kill(nats.pid ?? 0, 'SIGSTOP');
  const sending = tenant.put('between').catch((error: unknown) => error);
  await until('the manifest is there', () => hasManifest(tenant, 'between'));
  await encryptor.kill();
  await nats.kill();
  expect(await sending).toMatchObject({ code: 'SERVICE_UNAVAILABLE', fix: expect.stringContaining('again') });
  expect((await tenant.folder()).unsaid).toHaveLength(1);
  await nats.restart();
  await encryptor.restart();
  // Healed from what lies in the store alone, before the pipeline comes back.
  await until('recording.stored', () => tenant.events('recording', 'stored').length > 0);
  expect(await tenant.put('between')).toMatchObject({ duplicate: true });
  await expectAllThere(tenant);
});

test('a kill at any moment after the manifest appeared leaves a stored recording', async () => {
  const tenant = await newTenant(system);
  for (let round = 0; round < 10; round += 1) {
    const id = `round-${round}`;
    const sending = tenant.put(id).catch((error: unknown) => error);
    while (!hasManifest(tenant, id)) await nextTurn();
    for (let turn = 0; turn < round; turn += 1) await nextTurn();
    await encryptor.kill();
    const outcome = await sending;
    await encryptor.restart();
    if (tenant.acknowledged.has(id)) continue;
    expect(hasCode(outcome, 'SERVICE_UNAVAILABLE'), String(outcome)).toBe(true);
    expect(await insist('the retry', () => tenant.put(id))).toMatchObject({ duplicate: true });
  }
  await expectAllThere(tenant, { unfinished: true });
});

test('a crash in the middle of an upload is an error to the pipeline, and its retry works', async () => {
  const tenant = await newTenant(system);
  const size = 4 * 1024 * 1024;
  const upload = inHalves(mediaOf('upload', size));
  const sending = tenant.put('upload', { size, content: upload.content }).catch((error: unknown) => error);
  await until('the upload has begun', async () => (await tenant.underWay('upload')) > 0);
  await encryptor.kill();
  upload.goOn();
  expect(await sending).toMatchObject({ code: 'SERVICE_UNAVAILABLE', fix: expect.stringContaining('again') });
  expect(await tenant.folder()).toMatchObject({ recordings: [], broken: [], orphans: [], unfinished: [] });

  await encryptor.restart();
  expect(await insist('the retry', () => tenant.put('upload', { size }))).toMatchObject({ duplicate: false });
  await expectAllThere(tenant, { unfinished: true });
});

test('a crash in the middle of a capture brings the capture again', async () => {
  const tenant = await newTenant(system);
  await tenant.capture('large', LARGE);
  await until('its encryption has begun', async () => (await tenant.underWay('large')) > 0);
  await encryptor.kill();
  expect(await tenant.folder()).toMatchObject({ recordings: [], broken: [], orphans: [], unfinished: [] });

  await encryptor.restart();
  await expectAllThere(tenant, { unfinished: true });
  expect(tenant.events('recording', 'stored')).toHaveLength(1);
});

test('a capture whose encryptor was suspended for longer than the bus waits is one recording', async () => {
  const tenant = await newTenant(system);
  await tenant.capture('slow', LARGE);
  await until('its encryption has begun', async () => (await tenant.underWay('slow')) > 0);
  await encryptor.kill('SIGSTOP');
  // The fault itself: the bus gives the capture out again meanwhile.
  await sleep(2 * ACK_WAIT_MS);
  await encryptor.kill('SIGCONT');
  await expectAllThere(tenant);
  expect(tenant.events('recording', 'stored')).toHaveLength(1);
});
