import { randomBytes } from 'node:crypto';
import { parseCertificate } from '@sealtrack/certificates/certificate';
import { createSelfSigned } from '@sealtrack/certificates/self-signed';
import { recipientFromCertificate } from '@sealtrack/envelope/recipient';
import { createMediaSealer } from '@sealtrack/envelope/seal-media';
import { AppError } from '@sealtrack/errors/app-error';
import { once } from '@sealtrack/media-store/read-all';
import { expect, test } from 'vitest';
import { createDecryptMedia } from './decrypt-media.ts';

const { certificatePem } = await createSelfSigned({ commonName: 'Test' });
const certificate = parseCertificate(certificatePem);
const ids = { tenantId: 'demo', recordingId: 'call-1', mediaId: 'main' };

test.each([
  ['opens nothing', async () => {}, 'DECRYPTION_FAILED'],
  [
    'cannot be put on record',
    async () => {
      throw new AppError('AUDIT_UNAVAILABLE', 'No record', { fix: 'Wait.' });
    },
    'AUDIT_UNAVAILABLE',
  ],
])('a session key that %s is wiped', async (_, decryptRequested, code) => {
  const sealer = createMediaSealer({ suite: 'cms', recipients: [recipientFromCertificate(certificate)] });
  await Array.fromAsync(sealer.seal(once(Buffer.alloc(10))));
  const media = { ...ids, contentType: 'audio/wav', certificateIds: [], ...sealer.finish() };
  const dek = randomBytes(32);
  const decrypt = createDecryptMedia({
    findMedia: async () => ({ manifest: ids, media, ciphertextKey: 'x', manifestBytes: dek }) as never,
    unwrap: async () => ({ dek, certificateId: certificate.certificateId }),
    audit: { decryptRequested, decryptFailed: async () => {} },
    store: { size: async () => 10 } as never,
    log: { warn() {} } as never,
  });
  const caller = { signal: new AbortController().signal, peer: 'test', names: [], traceparent: '' };
  const reading = Array.fromAsync(
    decrypt(
      { ...ids, purpose: '', ticket: '', clientAddress: '', headerOnly: false, range: undefined },
      caller,
    ),
  );
  await expect(reading).rejects.toMatchObject({ code });
  expect(dek.equals(Buffer.alloc(32))).toBe(true);
});
