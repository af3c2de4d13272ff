/** A certificate that its authority takes back: where only the crypto server has the list, encryptors hear of it. */
import { rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { encodePem } from '@sealtrack/certificates/pem';
import { extension, issueCrl, leaf, root, rsaKeys } from '@sealtrack/certificates/x509/testing/issue';
import { EVENT_KINDS } from '@sealtrack/contracts/event-kinds';
import { temporaryFolder } from '@sealtrack/testkit/temporary-folder';
import { afterAll, expect, test } from 'vitest';
import { watchEvents } from './testing/events.ts';
import { header, put } from './testing/media.ts';
import { createProfile } from './testing/tenant.ts';
import { systemForThisFile } from './testing/test-system.ts';
import { until } from './testing/until.ts';

const DAY_MS = 24 * 60 * 60 * 1000;
const during = {
  notBefore: new Date(Date.now() - DAY_MS),
  notAfter: new Date(Date.now() + 100 * DAY_MS),
};
const ca = { name: 'CA', keys: rsaKeys() };
const own = { name: 'Recordings', keys: rsaKeys() };
const SERIAL = 7;
const certificate = [leaf(own, ca, { serial: SERIAL, ...during }), root(ca.name, ca.keys)];
const crl = (serial: number) =>
  encodePem(
    'X509 CRL',
    issueCrl({
      ...{ issuer: ca.name, issuerKeys: ca.keys, revoked: [{ serial }] },
      ...{ thisUpdate: during.notBefore, nextUpdate: during.notAfter },
      extensions: [extension.authorityKeyId(ca.keys), extension.crlNumber(1)],
    }),
  );

const folder = await temporaryFolder();
afterAll(() => folder.remove());
const crlFile = join(folder.path, 'crl.pem');
await writeFile(crlFile, crl(SERIAL + 1));
const { system, doors } = await systemForThisFile({ 'crypto-server': { SEALTRACK_CRL_FILE: crlFile } });

test('is not encrypted to any more, and people are told', async () => {
  await using events = await watchEvents(doors, 'events.>', 'start');
  const { certificate: imported } = await doors.certificates.importCertificate({
    tenantId: 'demo',
    certificate: Buffer.concat(certificate.map((der) => encodePem('CERTIFICATE', der))),
    privateKey: own.keys.privateKey.export({ type: 'pkcs8', format: 'der' }),
  });
  const certificateId = imported?.certificateId ?? '';
  await createProfile(doors, 'demo', '101', [{ certificateId }]);
  expect(await put(doors, header(), Buffer.of(1))).toMatchObject({ certificateIds: [certificateId] });

  await writeFile(`${crlFile}.new`, crl(SERIAL));
  await rename(`${crlFile}.new`, crlFile);
  await until('the crypto server knows', async () => {
    const { certificate: known } = await doors.certificates.getCertificate({
      tenantId: 'demo',
      certificateId,
    });
    return known?.problem === 'revoked';
  });
  // It asks when it starts, and then every minute or so.
  await system.services['profile-config'].restart();
  const revoked = await events.first(
    EVENT_KINDS.certificateRevoked,
    (data) => data.certificateId === certificateId,
  );
  expect(revoked).toMatchObject({ tenantId: 'demo', profileIds: ['101'], screen: false });
  await until('the encryptor knows', async () => {
    const receipt = await put(doors, header(), Buffer.of(1));
    return receipt.quarantineReason === 'revoked' && receipt.clearPolicy === '';
  });
});
