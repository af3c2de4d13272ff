import {
  Certificate,
  CertificateServiceDefinition,
  type ListCertificatesRequest,
} from '@sealtrack/contracts/gen/sealtrack/certificates/v1/certificates';
import { connectRpc } from '@sealtrack/rpc/client';
import { implement, startRpcServer } from '@sealtrack/rpc/server';
import { collectingLog } from '@sealtrack/rpc/testing';
import { OPEN_TO_ALL } from '@sealtrack/rpc/testing/open-to-all';
import { PLAINTEXT } from '@sealtrack/tls/tls';
import { afterAll, expect, test } from 'vitest';
import { createCryptoRevocations } from './crypto-revocations.ts';

const asked: ListCertificatesRequest[] = [];
const none = async () => ({});
const server = await startRpcServer({
  access: OPEN_TO_ALL,
  transport: PLAINTEXT,
  ...{ listen: '127.0.0.1:0', log: collectingLog() },
  services: [
    implement(CertificateServiceDefinition, {
      ...{ importCertificate: none, getCertificate: none, deleteCertificate: none },
      ...{ approveDeletion: none, restoreCertificate: none },
      listCertificates: async (request) => {
        asked.push(request);
        const at = Number(request.pageToken || 0);
        const certificates = ['', 'revoked', 'expired'].map((problem) =>
          Certificate.fromPartial({ certificateId: `${request.tenantId} ${problem} ${at}`, problem }),
        );
        return { certificates, nextPageToken: at < 2 ? String(at + 1) : '', total: 9 };
      },
    }),
  ],
});
const client = connectRpc(CertificateServiceDefinition, server.address, { transport: PLAINTEXT });
afterAll(async () => {
  await client[Symbol.asyncDispose]();
  await server[Symbol.asyncDispose]();
});

test('those that are revoked are found on every page, and none that is deleted is asked for', async () => {
  const { of } = createCryptoRevocations(client);
  expect([...(await of('demo', new AbortController().signal))]).toEqual([
    ...['demo revoked 0', 'demo revoked 1', 'demo revoked 2'],
  ]);
  expect(asked).toMatchObject(
    ['', '1', '2'].map((pageToken) => ({
      tenantId: 'demo',
      pageSize: 500,
      pageToken,
      includeDeleted: false,
    })),
  );
});

test('it ends with the process', async () => {
  const { of } = createCryptoRevocations(client);
  await expect(of('demo', AbortSignal.abort())).rejects.toMatchObject({ code: 'CANCELLED' });
});
