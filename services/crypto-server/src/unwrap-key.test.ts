import { generateKeyPairSync } from 'node:crypto';
import type { WrappedKey } from '@sealtrack/contracts/gen/sealtrack/decryption/v1/decryption';
import type { MediaKeysUnwrapped } from '@sealtrack/contracts/gen/sealtrack/events/v1/audit';
import { AppError } from '@sealtrack/errors/app-error';
import type { CertificateId } from '@sealtrack/ids/ids';
import { createEncrypterTo } from '@sealtrack/sealed-store/encrypt-to-key';
import { compactDecrypt } from 'jose';
import { expect, test } from 'vitest';
import type { AskedKey } from './open-wrapped-key.ts';
import { callerOf, playback, tenantId } from './testing/playable.ts';
import { createUnwrapKey } from './unwrap-key.ts';

const { record, player } = await playback();
const { findMedia } = player();
const [sealed, clear] = [await record(), await record('clear')];
const reader = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const publicKey = reader.publicKey.export({ type: 'spki', format: 'der' });
const SECRET = Buffer.alloc(32, 7);
const certificateId = 'a'.repeat(64) as CertificateId;

/** The use case, what it was to open, and what it put on record. */
function unwrapping(audit = async () => {}) {
  const asked: AskedKey[] = [];
  const records: MediaKeysUnwrapped[] = [];
  const deks: Buffer[] = [];
  const unwrapKey = createUnwrapKey({
    ...{ findMedia, encryptTo: createEncrypterTo() },
    async open({ recordingId, mediaId, ...rest }) {
      asked.push({ recordingId, mediaId, ...rest });
      const dek = Buffer.from(SECRET);
      deks.push(dek);
      return { dek, record: { recordingId, mediaId, certificateId, envelopeDigest: 'd', accessId: 'x' } };
    },
    audit: {
      async keysUnwrapped(said) {
        await audit();
        records.push(said);
      },
    },
  });
  const call = (key: Partial<WrappedKey> | undefined) => {
    const empty = { recordingId: '', mediaId: '', envelope: Buffer.alloc(0), certificateIds: [] };
    const wrapped = key && { ...empty, ...key };
    return unwrapKey({ tenantId, key: wrapped, publicKey, purpose: 'why' }, callerOf({ names: ['player'] }));
  };
  return { call, asked, records, deks };
}

test.each(['given', 'looked up'])('the session key of an envelope that is %s', async (how) => {
  const given = { envelope: Buffer.from('0'), certificateIds: [certificateId] };
  const { recordingId } = sealed;
  const { call, asked, records, deks } = unwrapping();
  const { jwe, certificateId: of } = await call({ recordingId, ...(how === 'given' && given) });
  expect(of).toBe(certificateId);
  expect(Buffer.from((await compactDecrypt(jwe, reader.privateKey)).plaintext)).toEqual(SECRET);
  const { media } = await findMedia(tenantId, recordingId, 'main' as never, new AbortController().signal);
  const { envelope, certificateIds } = media as unknown as AskedKey;
  const found = how === 'given' ? given : { envelope, certificateIds };
  expect(asked).toEqual([{ recordingId, mediaId: 'main', ...found }]);
  expect(records).toMatchObject([{ tenantId, caller: 'player', purpose: 'why', keys: [{ recordingId }] }]);
  expect(deks).toEqual([Buffer.alloc(32)]);
});

test('what cannot be put on record does not leave, and is wiped', async () => {
  const error = new AppError('AUDIT_UNAVAILABLE', 'No record', { fix: 'Wait.' });
  const { call, deks } = unwrapping(() => Promise.reject(error));
  await expect(call({ recordingId: sealed.recordingId })).rejects.toBe(error);
  expect(deks).toEqual([Buffer.alloc(32)]);
});

test.each<[what: string, key: Partial<WrappedKey> | undefined, code: string]>([
  ['nothing', undefined, 'INVALID_ARGUMENT'],
  ['no recording', {}, 'INVALID_ARGUMENT'],
  ['an envelope and no certificate', { recordingId: 'x', envelope: Buffer.from('0') }, 'INVALID_ARGUMENT'],
  ['media in clear', { recordingId: clear.recordingId }, 'MEDIA_NOT_ENCRYPTED'],
])('of %s there is none', async (_, key, code) => {
  const { call, asked } = unwrapping();
  await expect(call(key)).rejects.toMatchObject({ code });
  expect(asked).toEqual([]);
});
