import { X509Certificate } from 'node:crypto';
import { cp, mkdir, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { bootstrap, PARTIES, partyFiles } from '@sealtrack/authority/bootstrap';
import { temporaryFolder } from '@sealtrack/testkit/temporary-folder';
import { afterAll, beforeEach, expect, test } from 'vitest';
import { handOutCertificates } from './hand-out-certificates.ts';

const folder = await temporaryFolder();
afterAll(() => folder.remove());
const at = (...names: string[]) => join(folder.path, ...names);
const redisRules = await readFile(join(import.meta.dirname, '../../redis/users.acl'), 'utf8');
// Made once, for all.
await bootstrap({ dir: at('made') });
beforeEach(async () => {
  for (const name of ['ca', 'out', 'own']) await rm(at(name), { recursive: true, force: true });
  await mkdir(at('own'));
});

const handOut = () =>
  handOutCertificates({
    ...{ caDir: at('ca'), handOutDir: at('out'), ownDir: at('own'), redisRules },
    hosts: ['recorder.example', '192.0.2.7'],
  });
const certificateOf = async (party: string) =>
  new X509Certificate(await readFile(at('out', party, 'cert.pem')));

/** As an operator lays out certificates of a CA of his own. */
async function layOutOwn(): Promise<void> {
  for (const party of PARTIES) {
    const files = partyFiles(at('made'), party);
    await mkdir(at('own', party), { recursive: true });
    await cp(files.certificate, at('own', party, 'cert.pem'));
    await cp(files.certificateKey, at('own', party, 'key.pem'));
    await cp(files.trustedCa, at('own/trusted_ca.pem'));
  }
}

test('each gets what is its own, for its owner only; again, nothing changes', async () => {
  expect(await handOut()).toBe('development');
  for (const party of PARTIES) {
    const certificate = await certificateOf(party);
    expect(certificate.checkHost(party)).toBe(party);
    expect(
      certificate.verify(new X509Certificate(await readFile(at('out', party, 'trusted_ca.pem'))).publicKey),
    ).toBe(true);
    for (const name of await readdir(at('out', party)))
      expect((await stat(at('out', party, name))).mode & 0o777, name).toBe(0o600);
  }
  expect((await readdir(at('out/nats'))).sort()).toEqual(['cert.pem', 'key.pem', 'trusted_ca.pem']);
  expect(await readdir(at('out/crypto-server'))).toContain('redis.password');
  const password = await readFile(at('out/crypto-server/redis.password'), 'utf8');
  expect(await readFile(at('out/redis/users.acl'), 'utf8')).not.toContain(password.trim());
  const files = () =>
    Promise.all(PARTIES.map(async (party) => (await stat(at('out', party, 'cert.pem'))).ino));
  const before = await files();
  await handOut();
  expect([await files(), await readFile(at('out/crypto-server/redis.password'), 'utf8')]).toEqual([
    before,
    password,
  ]);
});

test("an operator's own are taken as they are, with their revocation list, and replaced when they change", async () => {
  await layOutOwn();
  await writeFile(at('own/crl.pem'), 'a list');
  expect(await handOut()).toBe('own');
  expect(await readFile(at('out/nats/cert.pem'))).toEqual(await readFile(at('own/nats/cert.pem')));
  expect(await readFile(at('out/nats/crl.pem'), 'utf8')).toBe('a list');
  await expect(stat(at('ca/ca_cert.pem'))).rejects.toMatchObject({ code: 'ENOENT' });
  await cp(at('own/redis/cert.pem'), at('own/nats/cert.pem'));
  await handOut();
  expect((await certificateOf('nats')).checkHost('redis')).toBe('redis');
});

test('parties that came later may be missing of those, and nothing else of theirs', async () => {
  await layOutOwn();
  for (const party of ['playback', 'console', 'operator', 'auditor', 'player'])
    await rm(at('own', party), { recursive: true });
  expect(await handOut()).toBe('own');
  expect(await readdir(at('out'))).not.toContain('player');
  // Its password is there for when it comes.
  expect(await readdir(at('out/console'))).toEqual(['redis.password']);
  await layOutOwn();
  await rm(at('own/player/key.pem'));
  await expect(handOut()).rejects.toMatchObject({ message: expect.stringContaining('own/player/key.pem') });
});

test('of those nothing may be missing', async () => {
  await layOutOwn();
  await rm(at('own/pipeline/key.pem'));
  await expect(handOut()).rejects.toMatchObject({
    code: 'CONFIG_INVALID',
    message: expect.stringContaining('own/pipeline/key.pem is missing'),
    fix: expect.stringContaining('trusted_ca.pem'),
  });
});
