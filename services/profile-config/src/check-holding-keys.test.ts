import { AssignedCertificate, HoldingKey } from '@sealtrack/contracts/gen/sealtrack/profiles/v1/profiles';
import { AppError } from '@sealtrack/errors/app-error';
import type { CertificateId, TenantId } from '@sealtrack/ids/ids';
import { noteLines } from '@sealtrack/service-kit/testing/note-lines';
import { testNats } from '@sealtrack/testkit/test-servers';
import { afterAll, expect, test } from 'vitest';
import { createKvHoldingKeys } from './adapters/kv-holding-keys.ts';
import { createCheckHoldingKeys } from './check-holding-keys.ts';
import { profileWorld } from './testing/profile-world.ts';

const nats = await testNats();
const world = await profileWorld(nats.url);
afterAll(() => world[Symbol.asyncDispose]());
const keys = createKvHoldingKeys(world.kv);
const [FIRST, SECOND] = ['a'.repeat(64), 'b'.repeat(64)];
const certificate = (certificateId = '') =>
  AssignedCertificate.fromPartial({ certificateId, der: Buffer.from('a certificate') });
const storedOf = async (tenantId: string) => {
  const entry = await world.kv.get(`${tenantId}.holding`);
  return HoldingKey.fromJSON(JSON.parse(Buffer.from(entry?.value ?? '{}').toString())).certificate;
};

async function check(tenants: readonly string[], isHeld: (tenantId: string) => boolean | Promise<boolean>) {
  const { log, lines } = noteLines();
  const asked: string[] = [];
  await createCheckHoldingKeys({
    withKey: () => tenants as TenantId[],
    keys,
    directory: {
      isHeld: async (tenantId, certificateId: CertificateId) => {
        asked.push(`${tenantId} ${certificateId.slice(0, 1)}`);
        return isHeld(tenantId);
      },
      ensure: async () => certificate(SECOND),
    },
    log,
  })(new AbortController().signal);
  return { asked, errors: lines.filter(({ level }) => level === 'error') };
}

test('a key that is lost gives way to another one, and that is said; one that is held stays', async () => {
  for (const tenantId of ['lost', 'held']) await keys.add({ tenantId, certificate: certificate(FIRST) });
  const { asked, errors } = await check(['lost', 'held', 'none'], (tenantId) => tenantId === 'held');
  expect(asked).toEqual(['lost a', 'held a']);
  expect((await storedOf('lost'))?.certificateId).toBe(SECOND);
  expect((await storedOf('held'))?.certificateId).toBe(FIRST);
  expect(errors).toMatchObject([{ fields: { tenantId: 'lost', certificateId: FIRST } }]);
});

test('what somebody else stored meanwhile stays', async () => {
  await keys.add({ tenantId: 'raced', certificate: certificate(FIRST) });
  const other = certificate('c'.repeat(64));
  await check(['raced'], async () => {
    await keys.replace(FIRST as CertificateId, { tenantId: 'raced', certificate: other });
    return false;
  });
  expect((await storedOf('raced'))?.certificateId).toBe(other.certificateId);
});

test('while the crypto server does not answer, no key is replaced, and it is asked once', async () => {
  for (const tenantId of ['one', 'other']) await keys.add({ tenantId, certificate: certificate(FIRST) });
  const { asked } = await check(['one', 'other'], () => {
    throw new AppError('SEALED', 'the seal is closed', { fix: 'unseal it' });
  });
  expect(asked).toEqual(['one a']);
  expect((await storedOf('one'))?.certificateId).toBe(FIRST);
});
