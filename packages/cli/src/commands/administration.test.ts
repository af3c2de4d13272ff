import { afterAll, describe, expect, test } from 'vitest';
import { cli } from '../testing/run-cli.ts';
import { CERTIFICATE_ID, stubCertificate } from '../testing/stub-certificates.ts';
import { type StubServices, startStubServices } from '../testing/stub-services.ts';

const services: StubServices = await startStubServices();
afterAll(() => services[Symbol.asyncDispose]());

const run = (...args: string[]) => cli(args, { env: services.env });
describe('profiles', () => {
  test('are created, assigned by prefix or alias, and listed', async () => {
    expect((await run('profiles', 'list')).text).toContain('No profiles yet');
    expect((await run('profiles', 'create', '101', '--name', 'Sales')).text).toContain('no certificate yet');
    expect((await run('profiles', 'list')).text).toContain('its recordings are refused');
    expect((await run('profiles', 'assign', '101', '3fa9c1d2')).code).toBe(0);
    expect((await run('profiles', 'assign', '101', 'sales')).code).toBe(0);
    expect((await run('profiles', 'list')).text).toContain('3fa9c1d2 (sales)');
    expect((await run('profiles', 'list', '--json')).json()).toEqual([
      expect.objectContaining({
        profileId: '101',
        revision: 1,
        certificates: [expect.objectContaining({ certificateId: CERTIFICATE_ID })],
      }),
    ]);
  });

  test('are assigned what stands on the last of many pages', async () => {
    for (let at = 0; at < 1200; at += 1) {
      const certificateId = at.toString(16).padStart(64, '0');
      const last = at === 1199 ? 'old key' : `old key ${at}`;
      services.certificates.stored.set(certificateId, stubCertificate({ certificateId, alias: last }));
    }
    expect((await run('profiles', 'assign', '101', 'old key')).code).toBe(0);
    const id = services.profiles.get('101')?.certificates[0]?.certificateId;
    expect(id).toBe((1199).toString(16).padStart(64, '0'));
    for (let at = 0; at < 1200; at += 1)
      services.certificates.stored.delete(at.toString(16).padStart(64, '0'));
  });

  test("that do not exist are the service's error, exit code 1", async () => {
    const { code, stderr } = await run('profiles', 'assign', '999', CERTIFICATE_ID);
    expect(code).toBe(1);
    expect(stderr).toBe('error: There is no IVR profile 999\nfix: Create it.\n');
  });
});

describe('doctor', () => {
  test('is not content with a service that runs and cannot look anything up', async () => {
    const about = async () => {
      const findings = (await run('doctor', '--json')).json() as { what: string; state: string }[];
      return (name: string) => findings.find(({ what }) => what === name);
    };
    const well = await about();
    for (const name of ['media-encryptor', 'metadata-processor', 'crypto-server', 'profile-config'])
      expect(well(name)).toMatchObject({ state: 'ok' });
    services.storesAway = true;
    const ill = await about();
    services.storesAway = false;
    const facts = expect.stringContaining('The index cannot be reached');
    expect(ill('metadata-processor')).toMatchObject({ state: 'problem', facts, fix: 'Check Redis.' });
    expect(ill('crypto-server')).toMatchObject({ state: 'ok' });
  });
});
