import type { DeadLetter } from '@sealtrack/bus/dead-letter-message';
import { listDeadLetters } from '@sealtrack/bus/dead-letters';
import { EVENT_KINDS } from '@sealtrack/contracts/event-kinds';
import { expect, test } from 'vitest';
import { expectAllThere } from './testing/expect-all-there.ts';
import { startFlow } from './testing/flow.ts';
import { expectRefused, outage, WAYS, type Way } from './testing/outage.ts';
import { systemUnderTest } from './testing/system-under-test.ts';
import { newTenant, PROFILE, type Tenant } from './testing/tenant.ts';
import { insist, until } from './testing/until.ts';

const system = await systemUnderTest();
const { doors, nats, services } = system;

const deadLetters = (tenant: Tenant): Promise<DeadLetter[]> =>
  Array.fromAsync(listDeadLetters(doors.bus, { filter: `captures.${tenant.id}.>` }));

const recordingIn = ({ body }: DeadLetter): string =>
  EVENT_KINDS.recordingCaptured.message.fromJSON(JSON.parse(Buffer.from(body).toString())).recordingId;

test('media that went with the broker ends as dead letters that say so, and can be sent again', async () => {
  const tenant = await newTenant(system);
  const encryptor = services['media-encryptor'];
  const ids = ['a', 'b', 'c', 'd', 'e'];
  await encryptor.kill('SIGSTOP');
  for (const id of ids) await tenant.capture(id);
  await nats.kill();
  await nats.restart();
  await encryptor.kill('SIGCONT');

  const letters = await until('each capture has its dead letter', async () => {
    const found = await deadLetters(tenant);
    return found.length === ids.length && found;
  });
  expect(letters.map(recordingIn).sort()).toEqual(ids);
  for (const letter of letters)
    expect(letter).toMatchObject({
      reason: 'MEDIA_UNREADABLE',
      message: expect.stringMatching(/object/),
      nextStep: expect.stringMatching(/again/),
    });
  await until('people are told', () => tenant.events('capture', 'dead-lettered').length === ids.length);

  for (const id of ids) await tenant.capture(id);
  await expectAllThere(tenant);
});

test('what was acknowledged before, during and after an outage of the bus arrives', async () => {
  const tenant = await newTenant(system);
  const flow = startFlow(tenant, { puts: 2, captures: 2 });
  for (let outage = 0; outage < 3; outage += 1) {
    await flow.more(20);
    await nats.kill();
    // gRPC goes on without the bus.
    await flow.more(10);
    await nats.restart();
  }
  await flow.more(20);
  await flow.stop();

  const captures = [...tenant.acknowledged.keys()].filter((id) => id.startsWith('capture-'));
  const letters = await until('every capture is stored or a dead letter', async () => {
    const found = await deadLetters(tenant);
    const ended = new Set([...(await tenant.listed()), ...found.map(recordingIn)]);
    return captures.every((id) => ended.has(id)) && found;
  });
  for (const { reason } of letters) expect(reason).toBe('MEDIA_UNREADABLE');
  // What a pipeline does that kept its copy until recording.stored, as it is told to.
  for (const id of new Set(letters.map(recordingIn))) await insist(`${id} again`, () => tenant.capture(id));
  // What was put while the bus was away is announced by its mark, which is looked at every 30 s.
  await expectAllThere(tenant, { within: 60_000 });
});

/** All that needs the bus, at once. */
async function expectRefusals(tenant: Tenant, how: Way): Promise<void> {
  const of = { tenantId: tenant.id, profileId: PROFILE };
  const certificateIds = [tenant.certificateId];
  const refused = { code: 'BUS_UNAVAILABLE', fix: /nats-server/ };
  await Promise.all([
    // Nothing is handed out that could not be put on record.
    expectRefused('decrypting', { code: 'AUDIT_UNAVAILABLE', fix: /NATS/ }, () => tenant.decrypt('earlier')),
    expectRefused('reading a profile', refused, () => doors.profiles.getProfile(of)),
    // That nothing is heard from a bus that is suspended shows only after a while: until then there is no news to miss.
    ...(how === 'killed'
      ? [expectRefused('listing profiles', refused, () => doors.profiles.listProfiles(of))]
      : []),
    expectRefused('assigning', refused, () => doors.profiles.assignCertificates({ ...of, certificateIds })),
    expectRefused('creating a profile', refused, () =>
      doors.profiles.createProfile({ ...of, profileId: '102', name: 'More calls' }),
    ),
  ]);
}

test.each(WAYS)(
  'while the bus is %s, what cannot be done without it is refused with a reason',
  async (how) => {
    const tenant = await newTenant(system);
    await tenant.put('earlier');
    await expectAllThere(tenant);
    const { certificatePem, privateKeyPem } = system.certificate;

    await using bus = await outage(nats, how);
    const imported = doors.certificates.importCertificate({
      tenantId: tenant.id,
      certificate: Buffer.from(certificatePem),
      privateKey: Buffer.from(privateKeyPem),
    });
    // These need no bus: they only say on it what was done.
    await Promise.all([expectRefusals(tenant, how), tenant.put('during'), imported]);
    await bus.end();
    // It says at its start what it could not say before, so nobody has to wait for it to look again.
    await services['media-encryptor'].restart();
    await expectAllThere(tenant);
  },
);
