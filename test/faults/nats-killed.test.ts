import type { DeadLetter } from '@sealtrack/bus/dead-letter-message';
import { listDeadLetters } from '@sealtrack/bus/dead-letters';
import { EVENT_KINDS } from '@sealtrack/contracts/event-kinds';
import { expect, test } from 'vitest';
import { expectAllThere } from './src/expect-all-there.ts';
import { startFlow } from './src/flow.ts';
import { systemUnderTest } from './src/system-under-test.ts';
import { newTenant, type Tenant } from './src/tenant.ts';
import { insist, until } from './src/until.ts';

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
