import { parseCertificate } from '@sealtrack/certificates/certificate';
import { createSelfSigned } from '@sealtrack/certificates/self-signed';
import {
  type Certificate,
  Deletion_State,
} from '@sealtrack/contracts/gen/sealtrack/certificates/v1/certificates';
import { AppError } from '@sealtrack/errors/app-error';
import type { CertificateId, TenantId } from '@sealtrack/ids/ids';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { createOpenKeys } from './open-keys.ts';

const tenantId = 'demo' as TenantId;
const { certificateDer, privateKey } = await createSelfSigned({ commonName: 'Test' });
const { keyId } = parseCertificate(certificateDer);
const id = (name: string) => name as CertificateId;
const [a, b, c] = [id('a'), id('b'), id('c')];

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** A store that holds one key under any id, and counts how often it was read. */
function keysOf({ maxKeys = 10, maxAgeMs = 60_000 } = {}) {
  const reads: string[] = [];
  const state = {
    certificate: async (): Promise<Certificate | undefined> =>
      ({ der: certificateDer, keyId }) as unknown as Certificate,
    privateKey: async (): Promise<typeof privateKey | undefined> => privateKey,
  };
  const openKeys = createOpenKeys({
    certificates: {
      get(tenant, certificateId) {
        reads.push(`${tenant} ${certificateId}`);
        return state.certificate();
      },
    },
    privateKeys: { get: () => state.privateKey() },
    maxKeys,
    maxAgeMs,
  });
  return { openKeys, reads, state };
}

test('a key is read once for as long as it may be kept, and then again', async () => {
  const { openKeys, reads } = keysOf({ maxAgeMs: 60_000 });
  const first = await openKeys.get(tenantId, a);
  expect(first?.privateKey).toBe(privateKey);
  expect(first?.certificate.keyId).toBe(keyId);
  // Being used does not make it last longer: what was deleted elsewhere goes out of use.
  for (const ms of [30_000, 29_999]) {
    vi.advanceTimersByTime(ms);
    expect(await openKeys.get(tenantId, a)).toBe(first);
  }
  expect(reads).toEqual(['demo a']);
  vi.advanceTimersByTime(1);
  await openKeys.get(tenantId, a);
  expect(reads).toEqual(['demo a', 'demo a']);
});

test('a key whose time is up is gone without being asked for', async () => {
  const { openKeys } = keysOf();
  await openKeys.get(tenantId, a);
  expect(vi.getTimerCount()).toBe(1);
  vi.advanceTimersByTime(60_000);
  expect(vi.getTimerCount()).toBe(0);
});

test('those who want the same key at the same time share one reading', async () => {
  const { openKeys, reads } = keysOf();
  const found = await Promise.all([a, a, b, a].map((each) => openKeys.get(tenantId, each)));
  expect(new Set(found).size).toBe(2);
  expect(reads).toEqual(['demo a', 'demo b']);
});

test("one tenant's key is no other's", async () => {
  const { openKeys, reads } = keysOf();
  await openKeys.get(tenantId, a);
  await openKeys.get('other' as TenantId, a);
  expect(reads).toEqual(['demo a', 'other a']);
});

test('when there is no more room, the key goes that was not used for the longest time', async () => {
  const { openKeys, reads } = keysOf({ maxKeys: 2 });
  for (const each of [a, b, a, c]) await openKeys.get(tenantId, each);
  expect(reads.splice(0)).toEqual(['demo a', 'demo b', 'demo c']);
  await openKeys.get(tenantId, a);
  expect(reads.splice(0)).toEqual([]);
  await openKeys.get(tenantId, b);
  expect(reads).toEqual(['demo b']);
  expect(vi.getTimerCount()).toBe(2);
});

test('neither a failure nor that there is no such key is kept', async () => {
  const { openKeys, state } = keysOf();
  const { certificate, privateKey: held } = { ...state };
  state.certificate = async () => undefined;
  expect(await openKeys.get(tenantId, a)).toBeUndefined();
  state.certificate = certificate;
  state.privateKey = async () => undefined;
  expect(await openKeys.get(tenantId, a)).toBeUndefined();
  state.privateKey = async () => {
    throw new AppError('SEAL_BROKEN', 'It does not open', { fix: 'Import it again.' });
  };
  await expect(openKeys.get(tenantId, a)).rejects.toMatchObject({ code: 'SEAL_BROKEN' });
  expect(vi.getTimerCount()).toBe(0);
  state.privateKey = held;
  expect((await openKeys.get(tenantId, a))?.privateKey).toBe(privateKey);
});

test('what is deleted opens nothing, though it can still be restored', async () => {
  const { openKeys, state } = keysOf();
  const deletion = (deletionState: Deletion_State) => async () =>
    ({
      ...{ certificateId: 'a', der: certificateDer, keyId },
      deletion: { state: deletionState },
    }) as unknown as Certificate;
  state.certificate = deletion(Deletion_State.DELETED);
  await expect(openKeys.get(tenantId, a)).rejects.toMatchObject({ code: 'CERTIFICATE_DELETED' });
  state.certificate = deletion(Deletion_State.REQUESTED);
  expect(await openKeys.get(tenantId, a)).toBeDefined();
});

test('what is forgotten is read again; the rest stays', async () => {
  const { openKeys, reads } = keysOf();
  for (const each of [a, b]) await openKeys.get(tenantId, each);
  openKeys.forget(tenantId, a);
  for (const each of [a, b]) await openKeys.get(tenantId, each);
  expect(reads.splice(0)).toEqual(['demo a', 'demo b', 'demo a']);
  openKeys.clear();
  expect(vi.getTimerCount()).toBe(0);
  for (const each of [a, b]) await openKeys.get(tenantId, each);
  expect(reads).toEqual(['demo a', 'demo b']);
});

test.each([
  ['forgotten', (openKeys: ReturnType<typeof createOpenKeys>) => openKeys.forget(tenantId, a)],
  ['cleared', (openKeys: ReturnType<typeof createOpenKeys>) => openKeys.clear()],
])(
  'a key that was %s while it was read is not kept, nor does it put out its successor',
  async (_, remove) => {
    const { openKeys, reads, state } = keysOf();
    const slow = Promise.withResolvers<undefined>();
    const { certificate } = state;
    state.certificate = () => slow.promise;
    const first = openKeys.get(tenantId, a);
    remove(openKeys);
    state.certificate = certificate;
    const second = await openKeys.get(tenantId, a);
    slow.resolve(undefined);
    expect(await first).toBeUndefined();
    expect(await openKeys.get(tenantId, a)).toBe(second);
    expect(reads).toHaveLength(2);
  },
);
