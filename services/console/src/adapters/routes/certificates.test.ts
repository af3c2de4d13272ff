import {
  Certificate,
  Deletion,
  Deletion_State,
} from '@sealtrack/contracts/gen/sealtrack/certificates/v1/certificates';
import { AppError } from '@sealtrack/errors/app-error';
import { createCa } from '@sealtrack/tls/testing/issue-peers';
import { afterAll, beforeEach, describe, expect, test } from 'vitest';
import type { CertificateDetails, CertificateList } from '../../api/certificates.ts';
import { ALICE, startConsoleWorld } from '../../testing/console-world.ts';

const world = await startConsoleWorld();
afterAll(() => world[Symbol.asyncDispose]());

const ID = 'ab'.repeat(32);
const known = Certificate.fromPartial({
  ...{ tenantId: 'demo', certificateId: ID, keyId: 'cd'.repeat(32), alias: 'sales', subjectName: 'Sales' },
  ...{ subject: 'CN=Sales', issuer: 'CN=CA', serialNumber: '0a', keyBits: 3072, hasPrivateKey: true },
  ...{ notBefore: new Date('2026-01-01T00:00:00Z'), notAfter: new Date('2027-01-01T00:00:00Z') },
  ...{ importedAt: new Date('2026-02-01T00:00:00Z'), trust: 'private-ca' },
});

beforeEach(() => {
  world.calls.length = 0;
  world.on = {
    listCertificates: async () => ({ certificates: [known] }),
    getCertificate: async () => ({ certificate: known }),
    countAssignments: async ({ certificateIds }) => ({
      assignments: certificateIds.map(() => ({ profiles: 2, screen: true, profileIds: ['101', '102'] })),
    }),
    countRecordingsOfEach: async ({ certificateIds }) => ({
      recordings: certificateIds.map((_, at) => BigInt(at + 7)),
    }),
  };
});

const list = async (query = '') => {
  const { json } = await world.read('GET', `/certificates${query}`);
  return json as CertificateList;
};

describe('the list', () => {
  test('has them from every page, with who has each, and no holding keys', async () => {
    const idOf = (digit: string) => digit.repeat(64);
    world.on.listCertificates = async ({ pageToken }) =>
      pageToken === ''
        ? {
            certificates: [known, { ...known, certificateId: idOf('1'), holding: true }],
            nextPageToken: 'more',
          }
        : {
            certificates: [{ ...known, certificateId: idOf('2'), problem: 'expired', problemText: 'It is' }],
          };
    const { certificates, isComplete } = await list('?deleted=1');
    expect(isComplete).toBe(true);
    expect(certificates).toMatchObject([
      {
        ...{ certificateId: ID, alias: 'sales', keyBits: 3072, notAfter: '2027-01-01T00:00:00.000Z' },
        ...{ problem: null, problemText: null, deletion: null, profiles: 2, isScreen: true, recordings: 7 },
      },
      { certificateId: idOf('2'), problem: 'expired', problemText: 'It is' },
    ]);
    expect(world.calls.find(({ method }) => method === 'listCertificates')?.request).toMatchObject({
      ...{ tenantId: 'demo', pageSize: 500, includeDeleted: true },
    });
    // Everything on Alice's behalf, by whose rights the services go.
    expect(world.calls).toHaveLength(6);
    for (const { caller } of world.calls) expect(caller).toEqual(ALICE.names);
  });

  test('ends after ten pages, and says so', async () => {
    world.on.listCertificates = async () => ({ certificates: [known], nextPageToken: 'more' });
    const { certificates, isComplete } = await list();
    expect([certificates.length, isComplete]).toEqual([10, false]);
  });

  test('comes without what may not be asked, or cannot', async () => {
    world.on.countAssignments = async () => {
      throw new AppError('PERMISSION_DENIED', 'Not you', { fix: 'Ask for it.' });
    };
    world.on.countRecordingsOfEach = async () => {
      throw new AppError('INDEX_UNAVAILABLE', 'Redis is away', { fix: 'Start it.' });
    };
    const { certificates } = await list();
    expect(certificates).toMatchObject([
      { alias: 'sales', profiles: null, isScreen: null, recordings: null },
    ]);
    // Of somebody who may not, nothing is wrong.
    expect(world.lines.filter(({ message }) => message.startsWith('uses of'))).toHaveLength(1);
  });
});

test('details have what lists leave out', async () => {
  const { cert } = createCa('Root, or so');
  const der = Buffer.from(cert.toString().replace(/-----[^-]+-----|\s/g, ''), 'base64');
  const deletion = Deletion.fromPartial({
    ...{ state: Deletion_State.REQUESTED, recordings: 3n, statement: 'I approve', approvers: ['bob'] },
    ...{ requestedAt: new Date(0), until: new Date('2026-03-01T00:00:00Z') },
  });
  const certificate = { ...known, der, chain: [der, Buffer.from('nothing')], deletion };
  world.on.getCertificate = async () => ({ certificate });
  const { json } = await world.read('GET', `/certificates/${ID}`);
  expect(json).toMatchObject({
    ...{ trust: 'private-ca', pem: cert.toString(), profileIds: ['101', '102'], recordings: 7 },
    chain: [{ subject: expect.stringContaining('Root'), pem: cert.toString() }, { subject: 'unreadable' }],
    deletion: {
      ...{ state: 'requested', recordings: 3, statement: 'I approve', approvers: ['bob'] },
      until: '2026-03-01T00:00:00.000Z',
    },
  });
});

describe('an import', () => {
  const form = (parts: Readonly<Record<string, string | Buffer>>) => {
    const data = new FormData();
    for (const [name, part] of Object.entries(parts))
      data.append(name, typeof part === 'string' ? part : new Blob([new Uint8Array(part)]));
    return data;
  };
  const binary = Buffer.from(Array.from({ length: 70_000 }, (_, i) => i & 0xff));

  test('hands files on as they are, and says what became of them', async () => {
    world.on.importCertificate = async () => ({ certificate: known, warnings: ['soon'], stored: true });
    const parts = {
      ...{ certificate: binary, private_key: Buffer.from('key\r\n'), password: Buffer.from('ünlocked') },
      alias: 'Sales – two',
    };
    const { status, json } = await world.read('POST', '/certificates', form(parts));
    expect([status, json]).toMatchObject([
      200,
      { stored: true, warnings: ['soon'], certificate: { alias: 'sales', profiles: 2, recordings: 7 } },
    ]);
    expect(world.calls[0]).toMatchObject({
      ...{ method: 'importCertificate', caller: ALICE.names },
      request: {
        ...{ tenantId: 'demo', alias: 'Sales – two', dryRun: false, decryptOnly: false },
        ...{ certificate: binary, privateKey: Buffer.from('key\r\n'), password: Buffer.from('ünlocked') },
      },
    });
  });

  test('may be a try, of a PFX alone', async () => {
    world.on.importCertificate = async ({ dryRun }) => ({ certificate: known, stored: !dryRun });
    const parts = { private_key: Buffer.alloc(256 * 1024, 1), dry_run: '1', decrypt_only: '1' };
    const { json } = await world.read('POST', '/certificates', form(parts));
    expect(json).toMatchObject({ stored: false });
    expect(world.calls[0]?.request).toMatchObject({ dryRun: true, decryptOnly: true });
  });

  test('that is refused says the next step, and no secret', async () => {
    world.on.importCertificate = async () => {
      throw new AppError('PRIVATE_KEY_PASSWORD_WRONG', 'It does not open', { fix: 'Check it.' });
    };
    const parts = { certificate: binary, private_key: binary, password: Buffer.from('hunter2') };
    const { status, json } = await world.read('POST', '/certificates', form(parts));
    expect([status, json]).toMatchObject([400, { code: 'PRIVATE_KEY_PASSWORD_WRONG', fix: 'Check it.' }]);
    expect(JSON.stringify([json, world.lines])).not.toContain('hunter2');
  });

  const tooLarge = Buffer.alloc(256 * 1024 + 1);
  test.each<[string, object | undefined, string]>([
    ['no form', { certificate: 'x' }, 'content-type'],
    ['nothing in it', form({ alias: 'x' }), 'certificate'],
    ['empty files', form({ certificate: Buffer.alloc(0) }), 'certificate'],
    ['a file that is too large', form({ certificate: tooLarge }), 'certificate'],
    ['a form that is too large', form({ certificate: Buffer.alloc(3_000_000) }), 'body'],
    ['a password that is no file', form({ certificate: binary, password: 'hunter2' }), 'password'],
    ['an alias that is a file', form({ certificate: binary, alias: binary }), 'alias'],
    ['an alias that is too long', form({ certificate: binary, alias: 'x'.repeat(1_001) }), 'alias'],
    ['something else', form({ certificate: binary, other: binary }), 'other'],
    ['no yes or no', form({ certificate: binary, dry_run: 'yes' }), 'dry_run'],
    ['too many fields', form({ alias: '', dry_run: '', decrypt_only: '', more: '' }), 'body'],
  ])('is refused with %s, and nobody is asked', async (_, body, field) => {
    const { status, json } = await world.read('POST', '/certificates', body);
    expect([status, json]).toMatchObject([
      400,
      { code: 'INVALID_ARGUMENT', fix: expect.any(String), details: { field } },
    ]);
    expect(JSON.stringify([json, world.lines])).not.toContain('hunter2');
    expect(world.calls).toEqual([]);
  });

  test.each([
    ['with a part twice', 'certificate', '--b\r\n'],
    ['that ends in the middle', 'body', ''],
  ])('is refused %s', async (_, field, end) => {
    const part = '--b\r\ncontent-disposition: form-data; name="certificate"; filename="x"\r\n\r\nx\r\n';
    const body = end === '' ? part.slice(0, -10) : `${part}${part}--b--\r\n`;
    const headers = { 'content-type': 'multipart/form-data; boundary=b' };
    const response = await world.ask('POST', '/certificates', undefined, { headers, body });
    expect([response.status, await response.json()]).toMatchObject([400, { details: { field } }]);
    expect(world.calls).toEqual([]);
  });
});

describe('a deletion', () => {
  test('is refused with what needs it, unless it is insisted on', async () => {
    world.on.deleteCertificate = async ({ force }) => {
      if (force) return { certificate: known };
      throw new AppError('CERTIFICATE_IN_USE', '3 recordings need it', {
        fix: 'Give --force.',
        details: { recordings: '3' },
      });
    };
    expect(await world.read('DELETE', `/certificates/${ID}`)).toMatchObject({
      status: 409,
      json: { code: 'CERTIFICATE_IN_USE', fix: 'Give --force.', details: { recordings: '3' } },
    });
    const { json } = await world.read('DELETE', `/certificates/${ID}?force=1`);
    expect((json as CertificateDetails).certificateId).toBe(ID);
  });

  test('is approved by a signature, and taken back', async () => {
    world.on.approveDeletion = async () => ({ certificate: known });
    world.on.restoreCertificate = async () => ({ certificate: known });
    const signature = Buffer.alloc(64, 7);
    const approval = { approver: 'bob', signature: signature.toString('base64') };
    expect(await world.read('POST', `/certificates/${ID}/approvals`, approval)).toMatchObject({
      status: 200,
    });
    expect(world.calls[0]?.request).toMatchObject({ certificateId: ID, approver: 'bob', signature });
    expect(await world.read('POST', `/certificates/${ID}/restore`)).toMatchObject({ status: 200 });
    const malformed = { approver: 'bob', signature: 'not base64!' };
    expect(await world.read('POST', `/certificates/${ID}/approvals`, malformed)).toMatchObject({
      ...{ status: 400, json: { details: { field: 'signature' } } },
    });
  });
});

test.each([
  ['GET', `/certificates/${ID.toUpperCase()}`],
  ['DELETE', '/certificates/..%2f..'],
  ['DELETE', `/certificates/${ID}?force=true`],
  ['POST', '/certificates/1/restore'],
  ['GET', '/certificates?deleted=yes'],
])('%s %s is refused here already', async (method, path) => {
  expect(await world.read(method, path)).toMatchObject({ status: 400, json: { code: 'INVALID_ARGUMENT' } });
  expect(world.calls).toEqual([]);
});

test('with services away, the list comes still, and what needs them says so', async () => {
  await Promise.all([world.profiles.close(), world.metadata.close()]);
  expect((await list()).certificates).toMatchObject([{ alias: 'sales', profiles: null, recordings: null }]);
  await world.crypto.close();
  expect(await world.read('GET', '/certificates')).toMatchObject({
    status: 503,
    json: { code: 'SERVICE_UNAVAILABLE', fix: expect.any(String) },
  });
});
