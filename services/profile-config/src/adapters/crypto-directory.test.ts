import { Certificate } from '@sealtrack/contracts/gen/sealtrack/certificates/v1/certificates';
import type { CertificateId, TenantId } from '@sealtrack/ids/ids';
import { expect, test } from 'vitest';
import { createCryptoDirectory } from './crypto-directory.ts';

const certificateId = 'a'.repeat(64) as CertificateId;
const good = Certificate.fromPartial({
  ...{ certificateId, keyId: 'b'.repeat(64), alias: 'Sales', hasPrivateKey: true, subject: 'CN=Sales' },
  ...{
    der: Buffer.from('der'),
    chain: [Buffer.from('ca')],
    notBefore: new Date(0),
    notAfter: new Date(1e12),
  },
});

/** The directory over a crypto server that answers this, and what that was asked. */
function directoryOf(certificate: Certificate | undefined) {
  const asked: unknown[] = [];
  const directory = createCryptoDirectory({
    getCertificate: async (request) => {
      asked.push(request);
      return { certificate };
    },
  });
  return { asked, get: () => directory.get('demo' as TenantId, certificateId) };
}

test('what recordings are encrypted to is taken over, and nothing else', async () => {
  const { asked, get } = directoryOf(good);
  const { keyId, alias, der, chain, notBefore, notAfter } = good;
  const fromTheFirst = { replaces: '', useFrom: undefined, revoked: false };
  const taken = { certificateId, keyId, alias, der, chain, notBefore, notAfter, ...fromTheFirst };
  expect(await get()).toEqual(taken);
  expect(asked).toEqual([{ tenantId: 'demo', certificateId }]);
});

test.each(['not-yet-valid', 'expired'])('%s is for each recording to look at', async (problem) => {
  expect(await directoryOf({ ...good, problem }).get()).toMatchObject({ certificateId });
});

test.each(['revoked', 'deleted', 'decrypt-only', 'root-untrusted', 'unheard-of'])(
  '%s is no good for any recording, and the reason is passed on',
  async (problem) => {
    const { get } = directoryOf({ ...good, problem, problemText: 'It is no good.' });
    await expect(get()).rejects.toMatchObject({
      code: 'CERTIFICATE_UNUSABLE',
      message: expect.stringContaining('It is no good.'),
      fix: expect.any(String),
      details: { certificate_id: certificateId, problem },
    });
  },
);

test('a holding key is assigned to nothing', async () => {
  await expect(directoryOf({ ...good, holding: true }).get()).rejects.toMatchObject({
    code: 'CERTIFICATE_UNUSABLE',
    message: expect.stringContaining('is a holding key'),
    details: { certificate_id: certificateId, problem: 'holding' },
  });
});

test.each([
  ['without its key', { ...good, hasPrivateKey: false }],
  ['without its key, whatever else is wrong', { ...good, hasPrivateKey: false, problem: 'revoked' }],
  ['that is not in the answer', undefined],
])('one %s is opened by nobody', async (_, certificate) => {
  await expect(directoryOf(certificate).get()).rejects.toMatchObject({
    code: 'KEY_NOT_HELD',
    details: { certificate_id: certificateId },
  });
});
