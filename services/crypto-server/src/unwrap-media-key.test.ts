import type { KeyObject } from 'node:crypto';
import { parseCertificate } from '@sealtrack/certificates/certificate';
import { createSelfSigned } from '@sealtrack/certificates/self-signed';
import { parseEnvelope } from '@sealtrack/envelope/envelope';
import { createKeyDecryptionPool } from '@sealtrack/envelope/key-decryption-pool';
import { openMedia } from '@sealtrack/envelope/open-media';
import { recipientFromCertificate } from '@sealtrack/envelope/recipient';
import { createMediaSealer } from '@sealtrack/envelope/seal-media';
import { AppError } from '@sealtrack/errors/app-error';
import type { TenantId } from '@sealtrack/ids/ids';
import { afterAll, expect, test } from 'vitest';
import { createFindHeldKey } from './find-held-key.ts';
import type { OpenKeys } from './open-keys.ts';
import { createUnwrapMediaKey } from './unwrap-media-key.ts';

const tenantId = 'demo' as TenantId;
const pool = createKeyDecryptionPool({ threads: 1 });
afterAll(() => pool[Symbol.asyncDispose]());

const owners = await Promise.all(['A', 'B'].map((commonName) => createSelfSigned({ commonName })));
const certificates = owners.map(({ certificatePem }) => parseCertificate(certificatePem));
const ids = certificates.map(({ certificateId }) => certificateId);
const plaintext = Buffer.from('the sound of a call');

async function* once(bytes: Buffer) {
  yield bytes;
}

const sealer = createMediaSealer({ suite: 'cms', recipients: certificates.map(recipientFromCertificate) });
const ciphertext = Buffer.concat(await Array.fromAsync(sealer.seal(once(plaintext))));
const media = { ...sealer.finish(), boundTo: [] };
const envelope = parseEnvelope(media.envelope);

const open = async (dek: Buffer) =>
  Buffer.concat(
    await Array.fromAsync(openMedia(media, dek, (at, length) => once(ciphertext.subarray(at, at + length)))),
  );

/** Certificates that are all known, and what the store says of each one's private key. */
function unwrapWith(privateKey: (index: number) => Promise<KeyObject | undefined>) {
  const openKeys: Pick<OpenKeys, 'get'> = {
    async get(_, id) {
      const certificate = certificates[ids.indexOf(id)];
      const key = await privateKey(ids.indexOf(id));
      return certificate && key && { certificate, privateKey: key };
    },
  };
  return createUnwrapMediaKey(createFindHeldKey({ openKeys, decryptKey: pool.decryptKey }));
}

const keyOf = async (index: number) => owners[index]?.privateKey;
const sealBroken = () => new AppError('SEAL_BROKEN', 'It does not open', { fix: 'Import it again.' });

test('the first key that is held here opens the media', async () => {
  const { dek, certificateId } = await unwrapWith(keyOf)(tenantId, envelope, ids);
  expect(certificateId).toBe(ids[0]);
  expect(await open(dek)).toEqual(plaintext);
});

test('a key that is not held, or whose seal is broken, leaves it to the next', async () => {
  const notHeld = unwrapWith(async (index) => (index === 0 ? undefined : keyOf(index)));
  const broken = unwrapWith(async (index) => {
    if (index === 0) throw sealBroken();
    return keyOf(index);
  });
  for (const unwrap of [notHeld, broken]) {
    const { dek, certificateId } = await unwrap(tenantId, envelope, ids);
    expect(certificateId).toBe(ids[1]);
    expect(await open(dek)).toEqual(plaintext);
  }
});

test('a certificate that the envelope does not name leaves it to the next', async () => {
  const [, second] = certificates;
  if (second === undefined) throw new Error('There are two owners');
  const forOne = createMediaSealer({ suite: 'cms', recipients: [recipientFromCertificate(second)] });
  await Array.fromAsync(forOne.seal(once(plaintext)));
  const other = parseEnvelope(forOne.finish().envelope);
  const { certificateId } = await unwrapWith(keyOf)(tenantId, other, ids);
  expect(certificateId).toBe(ids[1]);
});

test('without any key it says that none is held, or that a seal is broken where one is', async () => {
  const none = unwrapWith(async () => undefined)(tenantId, envelope, ids);
  await expect(none).rejects.toMatchObject({ code: 'KEY_NOT_HELD' });
  const broken = unwrapWith(async () => {
    throw sealBroken();
  })(tenantId, envelope, ids);
  await expect(broken).rejects.toMatchObject({ code: 'SEAL_BROKEN' });
});

test('a caller who went away waits for no thread', async () => {
  const caller = AbortSignal.abort();
  const unwrapped = unwrapWith(keyOf)(tenantId, envelope, ids, caller);
  await expect(unwrapped).rejects.toMatchObject({ code: 'CANCELLED' });
});
