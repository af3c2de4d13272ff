import { generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { parseCertificate } from '@sealtrack/certificates/certificate';
import { createSelfSigned } from '@sealtrack/certificates/self-signed';
import {
  type Certificate,
  Deletion_State,
} from '@sealtrack/contracts/gen/sealtrack/certificates/v1/certificates';
import type { CertificateDeletionRecorded } from '@sealtrack/contracts/gen/sealtrack/events/v1/audit';
import { AppError } from '@sealtrack/errors/app-error';
import type { TenantId } from '@sealtrack/ids/ids';
import { oneAtATime } from '@sealtrack/sealed-store/one-at-a-time';
import { beforeEach, describe, expect, test } from 'vitest';
import { createApproversFile } from './adapters/approvers-file.ts';
import { createApproveDeletion } from './approve-deletion.ts';
import { createCarryOutDeletion } from './carry-out-deletion.ts';
import { createDeleteCertificate } from './delete-certificate.ts';
import { createCertificateTrust } from './domain/certificate-trust.ts';
import { createImportCertificate } from './import-certificate.ts';
import type { CertificateQuery, Certificates } from './ports.ts';
import { createPurgeCertificates } from './purge-certificates.ts';
import { createRestoreCertificate } from './restore-certificate.ts';
import { cryptoParts, noteAnnouncements } from './testing/crypto-parts.ts';
import { renew } from './testing/openssl.ts';

const HOUR = 60 * 60 * 1000;
const { folder, backup, backupPath, certificates, privateKeys, keys } = await cryptoParts();
const { announced, announcer } = noteAnnouncements();
let now = new Date();
const clock = () => now;
let recorded = 0n;
let records: CertificateDeletionRecorded[] = [];
let auditIsAway = false;
const audit = {
  certificateDeletion: async (record: CertificateDeletionRecorded) => {
    if (auditIsAway) throw new AppError('AUDIT_UNAVAILABLE', 'No record', { fix: 'Wait.' });
    records.push(record);
  },
} as never;
const forgotten: string[] = [];
const forgetKey = (_: TenantId, certificateId: string) => void forgotten.push(certificateId);
const recordings = { count: async () => recorded };
let assignedTo: string[] = [];
let otherUses = { screen: false, holding: false };
const assignments = { usesOf: async () => ({ ...otherUses, profiles: assignedTo }) };

const people = new Map<string, KeyObject>();
const lines = ['anna', 'bert', 'mallory'].map((name) => {
  const { publicKey, privateKey } = generateKeyPairSync('ed25519');
  people.set(name, privateKey);
  return [name, publicKey.export({ type: 'spki', format: 'der' }).toString('base64url')] as const;
});
const approversFile = `${folder.path}/approvers.json`;
const allow = (...names: string[]) =>
  writeFileSync(
    approversFile,
    JSON.stringify({ approvers: Object.fromEntries(lines.filter(([name]) => names.includes(name))) }),
  );

const trust = createCertificateTrust({ accept: 'any', profile: 'strict', roots: () => [], crls: () => [] });
const importIt = createImportCertificate({
  ...{ certificates, privateKeys, backup, trust, announcer, clock },
  exclusive: oneAtATime(),
});
const common = { certificates, recordings, assignments, audit, clock };
const carryOut = createCarryOutDeletion({ ...common, announcer, forgetKey, graceMs: 48 * HOUR });
const deleteIt = createDeleteCertificate({ ...common, carryOut });
const approveIt = createApproveDeletion({
  ...common,
  carryOut,
  approvers: createApproversFile(approversFile),
});
const restoreIt = createRestoreCertificate({ certificates, privateKeys, backup, audit, announcer });
const purgeOf = (from: Certificates) =>
  createPurgeCertificates({
    ...common,
    certificates: from,
    backup,
    log: { warn() {}, error() {}, info() {} } as never,
  });
const purge = purgeOf(certificates);
const purgeNow = () => purge(keys.tenants(), new AbortController().signal);

const tenantId = 'demo' as TenantId;
const caller = { signal: new AbortController().signal, peer: 'test', names: [], via: [], traceparent: '' };
const made = await createSelfSigned({ commonName: 'Sales' });
const info = parseCertificate(made.certificatePem);
const { certificateId, keyId } = info;
const asked = { tenantId, certificateId };

async function importSales(): Promise<Certificate> {
  const { certificate } = await importIt({
    ...{
      tenantId,
      certificate: Buffer.from(made.certificatePem),
      privateKey: Buffer.from(made.privateKeyPem),
    },
    ...{ password: Buffer.alloc(0), alias: 'sales', dryRun: false, decryptOnly: false },
  });
  if (certificate === undefined) throw new Error('nothing was imported');
  return certificate;
}

const stored = () => certificates.get(tenantId, certificateId);
const later = (ms: number) => {
  now = new Date(now.getTime() + ms);
};
const approve = async (approver: string, statement?: string, name = approver) => {
  const text = statement ?? (await stored())?.deletion?.statement ?? '';
  const key = people.get(name);
  if (key === undefined) throw new Error('nobody of that name');
  return approveIt({ ...asked, approver, signature: sign(null, Buffer.from(text), key) }, caller);
};

beforeEach(async () => {
  await restoreIt(asked, caller).catch(() => undefined);
  await importSales();
  recorded = 0n;
  assignedTo = [];
  otherUses = { screen: false, holding: false };
  records = [];
  auditIsAway = false;
  allow('anna', 'bert');
});

describe('a certificate that no recording needs', () => {
  test('is deleted at once, opens nothing, and comes back', async () => {
    const { certificate } = await deleteIt({ ...asked, force: false }, caller);
    expect(certificate?.deletion).toMatchObject({ state: Deletion_State.DELETED, recordings: 0n });
    expect(trust.judge(certificate as Certificate, now).problem).toBe('deleted');
    expect(forgotten).toContain(certificateId);
    expect(announced).toContain(`deleted ${certificateId}`);
    const list = { words: [], after: undefined, limit: 10 } as const;
    expect((await certificates.page(tenantId, { ...list, deleted: 'none' })).total).toBe(0);
    expect((await certificates.page(tenantId, { ...list, deleted: 'also' })).total).toBe(1);
    // The key is there for as long as it can come back.
    expect(await privateKeys.has(tenantId, keyId)).toBe(true);
    await expect(importSales()).rejects.toMatchObject({ code: 'CERTIFICATE_DELETED' });
    await backup.keep((await stored()) as Certificate, 'sealed');
    const { certificate: restored } = await restoreIt(asked, caller);
    expect(restored?.deletion).toBeUndefined();
    const copy = JSON.parse(readFileSync(`${backupPath}/demo/${certificateId}.json`, 'utf8'));
    expect(copy.certificate.deletion).toBeUndefined();
    expect(records.map(({ action }) => action)).toEqual(['deleted', 'restored']);
  });

  test('is deleted once, and asking again puts nothing off', async () => {
    const first = await deleteIt({ ...asked, force: false }, caller);
    later(HOUR);
    recorded = 1n;
    expect(await deleteIt({ ...asked, force: true }, caller)).toEqual(first);
    expect(records.map(({ action }) => action)).toEqual(['deleted']);
  });

  test('is gone with its key and its copy when the grace is over, and not before', async () => {
    await deleteIt({ ...asked, force: false }, caller);
    later(47 * HOUR);
    await purgeNow();
    expect(await stored()).toBeDefined();
    later(HOUR);
    await purgeNow();
    expect(await stored()).toBeUndefined();
    expect(await privateKeys.has(tenantId, keyId)).toBe(false);
    expect(existsSync(`${backupPath}/demo/${certificateId}.json`)).toBe(false);
    expect(records.at(-1)).toMatchObject({ action: 'purged', caller: 'crypto-server' });
  });

  test('stays when recordings have come meanwhile', async () => {
    await deleteIt({ ...asked, force: false }, caller);
    later(49 * HOUR);
    recorded = 1n;
    await purgeNow();
    expect(await stored()).toBeDefined();
    expect(await privateKeys.has(tenantId, keyId)).toBe(true);
  });

  test('keeps key and copy when it is restored while it is purged', async () => {
    const { certificate: deleted } = await deleteIt({ ...asked, force: false }, caller);
    if (deleted === undefined) throw new Error('nothing was deleted');
    later(49 * HOUR);
    const restoring = {
      ...certificates,
      remove: async (found: Certificate) => {
        await restoreIt(asked, caller);
        await certificates.remove(found);
      },
    };
    await purgeOf(restoring)(keys.tenants(), new AbortController().signal);
    expect((await stored())?.deletion).toBeUndefined();
    expect(existsSync(`${backupPath}/demo/${certificateId}.json`)).toBe(true);
  });

  test('is not purged for a request that lapsed, when the list of those deleted is behind', async () => {
    recorded = 12n;
    await deleteIt({ ...asked, force: true }, caller);
    later(49 * HOUR);
    const behind = {
      ...certificates,
      page: (tenant: TenantId, query: CertificateQuery) =>
        certificates.page(tenant, { ...query, deleted: 'also' }),
    };
    await purgeOf(behind)(keys.tenants(), new AbortController().signal);
    expect(await stored()).toBeDefined();
    expect(await privateKeys.has(tenantId, keyId)).toBe(true);
  });

  test('is not deleted while a profile encrypts to it, whoever insists, nor purged', async () => {
    const assigned = { code: 'CERTIFICATE_IN_USE', message: expect.stringContaining('101') };
    assignedTo = ['101'];
    await expect(deleteIt({ ...asked, force: false }, caller)).rejects.toMatchObject(assigned);
    recorded = 2n;
    await expect(deleteIt({ ...asked, force: true }, caller)).rejects.toMatchObject(assigned);
    assignedTo = [];
    await deleteIt({ ...asked, force: true }, caller);
    await approve('anna');
    assignedTo = ['101'];
    await expect(approve('bert')).rejects.toMatchObject(assigned);
    assignedTo = [];
    recorded = 0n;
    await deleteIt({ ...asked, force: false }, caller);
    later(49 * HOUR);
    assignedTo = ['101'];
    await purgeNow();
    expect(await privateKeys.has(tenantId, keyId)).toBe(true);
  });

  test('is not deleted when that cannot be put on record', async () => {
    auditIsAway = true;
    const deleting = deleteIt({ ...asked, force: false }, caller);
    await expect(deleting).rejects.toMatchObject({ code: 'AUDIT_UNAVAILABLE' });
    expect((await stored())?.deletion).toBeUndefined();
  });
});

test('a key goes with the last certificate on it', async () => {
  const renewed = renew(folder.path, made.privateKeyPem);
  const other = await importIt({
    ...{ tenantId, certificate: renewed, privateKey: Buffer.alloc(0), password: Buffer.alloc(0) },
    ...{ alias: 'renewed', dryRun: false, decryptOnly: false },
  });
  expect(other.certificate?.keyId).toBe(keyId);
  await deleteIt({ ...asked, force: false }, caller);
  later(49 * HOUR);
  await purgeNow();
  expect(await stored()).toBeUndefined();
  expect(await privateKeys.has(tenantId, keyId)).toBe(true);
  const second = { tenantId, certificateId: other.certificate?.certificateId ?? '' };
  await deleteIt({ ...second, force: false }, caller);
  later(49 * HOUR);
  await purgeNow();
  expect(await privateKeys.has(tenantId, keyId)).toBe(false);
});

describe('a certificate that recordings need', () => {
  const force = () => deleteIt({ ...asked, force: true }, caller);
  beforeEach(() => {
    recorded = 12n;
  });

  test('is kept, with their number', async () => {
    await expect(deleteIt({ ...asked, force: false }, caller)).rejects.toMatchObject({
      code: 'CERTIFICATE_IN_USE',
      details: { recordings: '12' },
    });
  });

  test('is deleted when two people insist, and still can be restored', async () => {
    const { certificate } = await force();
    expect(certificate?.deletion).toMatchObject({ state: Deletion_State.REQUESTED, approvers: [] });
    for (const part of ['tenant: demo', certificateId, 'recordings encrypted to it: 12', 'alias: sales'])
      expect(certificate?.deletion?.statement).toContain(part);
    expect((await approve('anna')).certificate?.deletion).toMatchObject({
      ...{ state: Deletion_State.REQUESTED, approvers: ['anna'] },
    });
    expect((await approve('bert')).certificate?.deletion).toMatchObject({
      ...{ state: Deletion_State.DELETED, approvers: ['anna', 'bert'], recordings: 12n },
    });
    expect(records.map(({ action, approvers }) => [action, approvers.join()])).toEqual([
      ['requested', ''],
      ['approved', 'anna'],
      ['approved', 'anna,bert'],
      ['deleted', 'anna,bert'],
    ]);
    await restoreIt(asked, caller);
    expect((await stored())?.deletion).toBeUndefined();
  });

  test.each([
    ['the same person twice', () => approve('anna')],
    ['somebody who is no approver', () => approve('mallory')],
    ['somebody in the name of another', () => approve('bert', undefined, 'anna')],
    ['a signature of something else', () => approve('bert', 'I approve that')],
    ['no signature', () => approveIt({ ...asked, approver: 'bert', signature: Buffer.alloc(0) }, caller)],
    ['a name that is none', () => approve('__proto__', undefined, 'bert')],
  ])('is not deleted by %s', async (_, second) => {
    await force();
    await approve('anna');
    await expect(second()).rejects.toMatchObject({ code: 'APPROVAL_REFUSED', fix: expect.any(String) });
    expect((await stored())?.deletion).toMatchObject({ approvers: ['anna'] });
  });

  test('is not deleted by one and another who may not approve any more', async () => {
    await force();
    await approve('anna');
    allow('bert', 'mallory');
    expect((await approve('bert')).certificate?.deletion).toMatchObject({
      ...{ state: Deletion_State.REQUESTED, approvers: ['bert'] },
    });
    expect((await approve('mallory')).certificate?.deletion).toMatchObject({
      ...{ state: Deletion_State.DELETED, approvers: ['bert', 'mallory'] },
    });
  });

  test('asked for again, the request that waits stands, with its approvals', async () => {
    const first = await force();
    await approve('anna');
    const again = await force();
    expect(again.certificate?.deletion).toEqual({ ...first.certificate?.deletion, approvers: ['anna'] });
    expect(records.map(({ action }) => action)).toEqual(['requested', 'approved']);
  });

  test('of which it was only asked is not said to be restored when that is taken back', async () => {
    await force();
    const before = [...announced];
    const { certificate } = await restoreIt(asked, caller);
    expect(certificate?.deletion).toBeUndefined();
    expect(announced).toEqual(before);
    expect(records.map(({ action }) => action)).toEqual(['requested', 'restored']);
    // And where there is nothing to take back, nothing is on record.
    await restoreIt(asked, caller);
    expect(records).toHaveLength(2);
  });

  test('is not deleted by approvals of an earlier request', async () => {
    await force();
    const statement = (await stored())?.deletion?.statement;
    await approve('anna');
    await restoreIt(asked, caller);
    await expect(approve('bert', statement)).rejects.toMatchObject({ code: 'APPROVAL_REFUSED' });
    await force();
    await expect(approve('anna', statement)).rejects.toMatchObject({ code: 'APPROVAL_REFUSED' });
  });

  test('is not deleted when more recordings have come than was approved, or when time has run out', async () => {
    await force();
    await approve('anna');
    recorded = 13n;
    await expect(approve('bert')).rejects.toMatchObject({ message: expect.stringContaining('13') });
    // Asking again counts anew, and the approval before counts no more.
    expect((await force()).certificate?.deletion).toMatchObject({ approvers: [], recordings: 13n });
    await approve('anna');
    later(25 * HOUR);
    await expect(approve('bert')).rejects.toMatchObject({ code: 'APPROVAL_REFUSED' });
  });

  test('is not deleted by somebody who was taken out of the file, nor without a file', async () => {
    await force();
    await approve('anna');
    allow('anna');
    await expect(approve('bert')).rejects.toMatchObject({ code: 'APPROVAL_REFUSED' });
    const nobody = createApproversFile(undefined);
    await expect(nobody.check('anna', 'x', Buffer.alloc(64))).rejects.toMatchObject({
      code: 'APPROVAL_REFUSED',
    });
  });

  test('and was deleted is purged with them, and not with one more', async () => {
    await force();
    await approve('anna');
    await approve('bert');
    later(49 * HOUR);
    recorded = 13n;
    await purgeNow();
    expect(await privateKeys.has(tenantId, keyId)).toBe(true);
    recorded = 12n;
    await purgeNow();
    expect(await privateKeys.has(tenantId, keyId)).toBe(false);
  });

  test('is deleted once by two second approvals at the same time', async () => {
    allow('anna', 'bert', 'mallory');
    await force();
    await approve('anna');
    const outcomes = await Promise.allSettled([approve('bert'), approve('mallory')]);
    expect(outcomes.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    expect((await stored())?.deletion?.approvers).toHaveLength(2);
  });
});

/** Anna's key with its length in two bytes where one does. */
const der = Buffer.from(lines[0]?.[1] ?? '', 'base64url');
const longer = Buffer.concat([Buffer.of(0x30, 0x81, 0x2a), der.subarray(2)]).toString('base64url');

test.each([
  ['no JSON', '{'],
  ['no list', '{}'],
  ['a field too many', '{"approvers":{},"more":1}'],
  ['a name that is none', JSON.stringify({ approvers: { 'A B': lines[0]?.[1] } })],
  ['an approver without a key', '{"approvers":{"anna":1}}'],
  ['a key that is not base64url', JSON.stringify({ approvers: { anna: `${lines[0]?.[1]}=` } })],
  ['more than 64 KiB', JSON.stringify({ approvers: Object.fromEntries(lines) }).padEnd(64 * 1024 + 1)],
  [
    'one key under two names, in two encodings',
    JSON.stringify({ approvers: { anna: lines[0]?.[1], bert: longer } }),
  ],
  ['one key under two names', JSON.stringify({ approvers: { anna: lines[0]?.[1], bert: lines[0]?.[1] } })],
  [
    'an RSA key',
    JSON.stringify({
      approvers: { anna: info.publicKey.export({ type: 'spki', format: 'der' }).toString('base64url') },
    }),
  ],
])('an approvers file with %s is refused', async (_, content) => {
  writeFileSync(approversFile, content);
  const checking = createApproversFile(approversFile).check('anna', 'x', Buffer.alloc(64));
  await expect(checking).rejects.toMatchObject({ code: 'CONFIG_INVALID', fix: expect.any(String) });
});

describe('a certificate that is in use without a profile', () => {
  test.each([
    [
      'screen recordings',
      { screen: true, holding: false },
      /tenant demo's screens/,
      /screen recording certificates/,
    ],
    ['the holding key', { screen: false, holding: true }, /no other certificate can be used/, /^Keep it/],
  ])('stays: %s', async (_, uses, message, fix) => {
    otherUses = uses;
    const inUse = {
      code: 'CERTIFICATE_IN_USE',
      message: expect.stringMatching(message),
      fix: expect.stringMatching(fix),
    };
    for (const force of [false, true])
      await expect(deleteIt({ ...asked, force }, caller)).rejects.toMatchObject(inUse);
    recorded = 3n;
    await expect(deleteIt({ ...asked, force: true }, caller)).rejects.toMatchObject(inUse);
    expect((await stored())?.deletion).toBeUndefined();
  });

  test('is not taken away for good when it came into use after it was deleted', async () => {
    await deleteIt({ ...asked, force: false }, caller);
    otherUses = { screen: false, holding: true };
    later(49 * HOUR);
    await purgeNow();
    expect(await privateKeys.has(tenantId, keyId)).toBe(true);
    otherUses = { screen: false, holding: false };
    await restoreIt(asked, caller);
  });
});
