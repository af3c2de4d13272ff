import { readAudit } from '@sealtrack/audit-trail/read-audit';
import { createVerification } from '@sealtrack/audit-trail/verify/verification';
import { redisForTests } from '@sealtrack/launcher/testing/redis-for-tests';
import { createStatementVerifier } from '@sealtrack/statements/create-verifier';
import { afterAll, expect, test } from 'vitest';
import { expectAllThere } from './testing/expect-all-there.ts';
import { systemUnderTest } from './testing/system-under-test.ts';
import { LARGE, newTenant } from './testing/tenant.ts';
import { insist, until } from './testing/until.ts';

const system = await systemUnderTest();
const { doors, services } = system;
const cryptoServer = services['crypto-server'];
const connection = await redisForTests(system, system.dir);
const redis = connection.client;
afterAll(() => connection[Symbol.asyncDispose]());

test('a crash in the middle of a decryption is an error, never a short recording', async () => {
  const tenant = await newTenant(system);
  await tenant.put('long', { size: LARGE });
  await expectAllThere(tenant);

  const request = { tenantId: tenant.id, recordingId: 'long' };
  const parts = doors.decryption.decryptMedia(request)[Symbol.asyncIterator]();
  // The header and one chunk; the rest waits at the server until it is asked for.
  for (let taken = 0; taken < 2; taken += 1) expect((await parts.next()).done).toBe(false);
  await cryptoServer.kill();
  let bytes = 0;
  const rest = async () => {
    for (let next = await parts.next(); !next.done; next = await parts.next())
      if (next.value.part?.$case === 'chunk') bytes += next.value.part.value.length;
  };
  await expect(rest()).rejects.toMatchObject({
    code: 'SERVICE_UNAVAILABLE',
    fix: expect.stringContaining('again'),
  });
  expect(bytes).toBeLessThan(LARGE);
  // While it is down, too, the answer is an error with a next step, and soon.
  await expect(tenant.decrypt('long')).rejects.toMatchObject({
    code: 'SERVICE_UNAVAILABLE',
    fix: expect.any(String),
  });

  await cryptoServer.restart();
  await insist('decrypting again', () => tenant.decrypt('long'));
  await expectAllThere(tenant);
});

test('killed under load, it leaves records that verify: all that was played is among them, and their chain has no end', async () => {
  const tenant = await newTenant(system);
  const played = await Promise.all(Array.from({ length: 4 }, (_, each) => tenant.put(`loaded-${each}`)));
  await expectAllThere(tenant);
  let plays = 0;
  const load = Promise.allSettled(
    played.map(async (_, each) => {
      for (;;) {
        await tenant.decrypt(`loaded-${each}`);
        plays += 1;
      }
    }),
  );
  await until('it is under load', () => (plays > 40 ? true : undefined), 20_000);
  await cryptoServer.kill();
  await load;
  await cryptoServer.restart();
  await insist('decrypting again', () => tenant.decrypt('loaded-0'));

  const auditor = await system.connections.transportOf('auditor');
  const judges = { verifier: createStatementVerifier(auditor), servers: ['crypto-server'] };
  const verification = createVerification(judges);
  let records = 0;
  for await (const record of readAudit(doors.audit, { signal: new AbortController().signal })) {
    if (record.subject === `audit.${tenant.id}.media-decrypt`) records += 1;
    await verification.add(record);
  }
  const report = verification.finish();
  expect(report).toMatchObject({ ok: true, problems: [], signatures: { unsigned: 0 } });
  expect(records).toBeGreaterThan(plays);
  // Of every process that was killed, and of the one that runs.
  expect(report.open.length).toBeGreaterThan(1);
  expect(report.open.some(({ records: all }) => all > 40)).toBe(true);
});

/** Redis says what it is told the moment it is told it: the finest clock of an import's progress. */
const STEPS = ['exists', 'set', 'get', 'eval'];

/** ioredis trips over what another client sends in the very moment in which it begins to monitor. */
async function monitoring() {
  for (;;) {
    try {
      return await redis.monitor();
    } catch (error) {
      if (!String(error).includes('Command queue state error')) throw error;
    }
  }
}

test.each(STEPS)('an import that was killed at its "%s" is healed by importing again', async (step) => {
  const tenantId = `import-${step}`;
  const { certificatePem, privateKeyPem } = system.certificate;
  const importing = () =>
    doors.certificates.importCertificate({
      tenantId,
      certificate: Buffer.from(certificatePem),
      privateKey: Buffer.from(privateKeyPem),
    });
  const monitor = await monitoring();
  const reached = Promise.withResolvers<void>();
  monitor.on('monitor', (_time: string, args: readonly string[]) => {
    const isImport = args.some((arg) => arg.includes(`{${tenantId}}`));
    if (!isImport || args[0]?.toLowerCase() !== step) return;
    if (cryptoServer.pid !== undefined) process.kill(cryptoServer.pid, 'SIGKILL');
    reached.resolve();
  });
  const exit = system.exitOf('crypto-server');
  const first = importing().catch((error: unknown) => error);
  await reached.promise;
  monitor.disconnect();
  await exit;
  const outcome = await first;
  expect(outcome).toSatisfy(
    (answer: object) =>
      'certificate' in answer || ('code' in answer && answer.code === 'SERVICE_UNAVAILABLE'),
  );

  await cryptoServer.restart();
  // Imports the same again, and is then used for what certificates are for.
  const tenant = await insist('importing again', () => newTenant(system, tenantId));
  const { certificates } = await doors.certificates.listCertificates({ tenantId });
  const imported = certificates.filter(({ holding }) => !holding);
  expect(imported.map(({ certificateId }) => certificateId)).toEqual([tenant.certificateId]);
  await tenant.put('sealed-with-it');
  await expectAllThere(tenant);
});
