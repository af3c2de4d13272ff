import { setImmediate as nextTurn } from 'node:timers/promises';
import {
  Certificate,
  Deletion,
  ListCertificatesResponse,
} from '@sealtrack/contracts/gen/sealtrack/certificates/v1/certificates';
import { MAX_MESSAGE_BYTES } from '@sealtrack/rpc/tuning';
import { expect, test } from 'vitest';
import { createListCertificates } from './list-certificates.ts';

const request = {
  tenantId: 'demo',
  query: '',
  pageSize: 500,
  pageToken: '',
  includeDeleted: true,
  expiresBefore: undefined,
};
const long = '€'.repeat(20_000);
const deletion = Deletion.fromJSON({ statement: long });
const certificate = {
  ...Certificate.fromJSON({ alias: '€'.repeat(128) }),
  ...{ subjectName: long, subject: long, issuer: long, serialNumber: long, deletion },
};
const certificates = Array.from({ length: 500 }, () => certificate);
const page = async () => ({ certificates, total: 500, next: undefined });

test('a page fits into a message, whatever its certificates are called', async () => {
  const judge = () => ({ problem: 'issuer-unknown', problemText: long });
  const list = createListCertificates({ page }, { has: async () => true }, judge);
  const answer = await list(request);
  expect(answer.certificates).toHaveLength(500);
  expect(ListCertificatesResponse.encode(answer).finish().length).toBeLessThan(MAX_MESSAGE_BYTES);
});

test('others get their turn while a page is judged', async () => {
  let turns = 0;
  let most = 0;
  let judgedInTurn = 0;
  const judge = () => {
    judgedInTurn += 1;
    most = Math.max(most, judgedInTurn);
    return { problem: '', problemText: '' };
  };
  const list = createListCertificates({ page }, { has: async () => true }, judge);
  const listing = list(request).then(() => {
    turns = Number.NaN;
  });
  while (!Number.isNaN(turns)) {
    judgedInTurn = 0;
    await nextTurn();
  }
  await listing;
  expect(most).toBeLessThanOrEqual(20);
});

test('a query of very many words is refused', async () => {
  const list = createListCertificates({ page }, { has: async () => true }, () => ({
    problem: '',
    problemText: '',
  }));
  const query = Array.from({ length: 17 }, (_, i) => i).join(' ');
  await expect(list({ ...request, query })).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' });
});
