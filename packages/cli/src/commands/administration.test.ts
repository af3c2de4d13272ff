import { Recording } from '@sealtrack/contracts/gen/sealtrack/recordings/v1/recordings';
import { SealStatus_State } from '@sealtrack/contracts/gen/sealtrack/seal/v1/seal';
import { afterAll, describe, expect, test } from 'vitest';
import type { Finding } from '../doctor/finding.ts';
import { cli } from '../testing/run-cli.ts';
import { CERTIFICATE_ID, stubCertificate } from '../testing/stub-certificates.ts';
import { openSeal, sealedSeal } from '../testing/stub-seal.ts';
import { type StubServices, startStubServices } from '../testing/stub-services.ts';

const services: StubServices = await startStubServices();
afterAll(() => services[Symbol.asyncDispose]());

const run = (...args: string[]) => cli(args, { env: services.env });
describe('doctor', () => {
  const about = async () => {
    const findings = (await run('doctor', '--json')).json() as Finding[];
    return (name: string) => findings.find(({ what }) => what === name);
  };

  test('is not content with a service that runs and cannot look anything up', async () => {
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

  test('says once that a crypto server is sealed, or new, and how to open it', async () => {
    expect((await about())('seal')).toEqual({ what: 'seal', state: 'ok', facts: 'open' });
    services.seal.status = { ...sealedSeal(), given: 1 };
    services.certificates.isSealed = true;
    const sealed = await about();
    services.seal.status = { ...sealedSeal(), state: SealStatus_State.UNINITIALIZED, threshold: 0 };
    const fresh = await about();
    services.seal.status = { ...services.seal.status, provider: 'key' };
    const lost = await about();
    services.certificates.isSealed = false;
    services.seal.status = { ...openSeal(), rotationStartedAt: new Date() };
    const rotating = await about();
    services.seal.status = openSeal();
    const facts = 'sealed, 1 of 3 shares given';
    expect(sealed('seal')).toEqual({ what: 'seal', state: 'problem', facts, fix: 'sealtrack unseal' });
    expect(sealed('crypto-server')).toMatchObject({
      state: 'ok',
      facts: expect.stringContaining('is sealed'),
    });
    expect(sealed('certificates')).toBeUndefined();
    const fix = expect.stringContaining('sealtrack seal init');
    expect(fresh('seal')).toMatchObject({ state: 'problem', facts: 'uninitialized', fix });
    expect(lost('seal')).toMatchObject({
      fix: expect.stringMatching(/^(?!.*seal init).*keys restore --from-backup-folder/),
    });
    expect(rotating('seal')).toMatchObject({ state: 'warning', fix: 'sealtrack seal rotate' });
  });

  test('warns of IVR profiles that encrypt to nothing that opens', async () => {
    const { stored } = services.certificates;
    const certificateId = 'c'.repeat(64);
    await cli(['profiles', 'create', '77', '--name', 'Sales'], { env: services.env });
    const none = expect.stringContaining('77 has no certificate, and its recordings are kept in quarantine');
    expect((await about())('profiles')).toMatchObject({ state: 'warning', facts: none });
    stored.set(certificateId, stubCertificate({ certificateId, alias: 'gone' }));
    await cli(['profiles', 'assign', '77', certificateId], { env: services.env });
    expect((await about())('profiles')).toMatchObject({ state: 'ok' });
    stored.set(certificateId, stubCertificate({ certificateId, alias: 'gone', problem: 'deleted' }));
    const found = (await about())('profiles');
    services.profiles.delete('77');
    stored.delete(certificateId);
    expect(found).toMatchObject({ state: 'warning', facts: '77 has gone (cccccccc), deleted' });
  });

  test('says whose recordings go to quarantine, and whose are in clear', async () => {
    const { stored } = services.certificates;
    const certificateId = 'd'.repeat(64);
    stored.set(certificateId, stubCertificate({ certificateId, alias: 'old', notAfter: new Date(0) }));
    await run('profiles', 'create', '78', '--name', 'Sales', '--policy', 'optional');
    await run('profiles', 'assign', '78', certificateId);
    await run('profiles', 'assign', '78', CERTIFICATE_ID, certificateId, '--media-type', 'digital');
    await run('screen-certificates', 'set', '--policy', 'off');
    const optional = await about();
    await run('profiles', 'set', '78', '--policy', 'required');
    const required = await about();
    await run('profiles', 'assign', '78', CERTIFICATE_ID);
    await run('screen-certificates', 'set', '--policy', 'required', '--none');
    const screen = await about();
    services.profiles.delete('78');
    services.profileState.screen = undefined;
    stored.delete(certificateId);
    expect(optional('profiles')?.facts).toBe(
      '78 has old (dddddddd), expired: its recordings are stored in clear',
    );
    expect(optional('policies')).toMatchObject({
      state: 'warning',
      facts:
        '78 is optional: its recordings are stored in clear when no certificate can be used; ' +
        'the tenant for screen is off: its recordings are stored in clear',
      fix: expect.stringContaining('--policy required'),
    });
    expect(required('profiles')?.facts).toBe(
      '78 has old (dddddddd), expired: its recordings are kept in quarantine',
    );
    expect(screen('profiles')?.facts).toBe(
      'the tenant for screen has no certificate, and its recordings are kept in quarantine',
    );
    expect(screen('policies')).toBeUndefined();
  });

  test('counts what is held in quarantine, and says why and what to do', async () => {
    const held = (profileId: string, quarantineReason: string, mediaType = 'voice'): Recording => ({
      ...Recording.fromPartial({ profileId, quarantineReason, mediaType }),
    });
    expect((await about())('quarantine')).toMatchObject({ state: 'ok', facts: 'no recording is in it' });
    services.recordings.push(held('77', ''), held('101', 'expired'));
    services.recordings.push(
      held('77', 'none-assigned'),
      held('77', 'none-assigned', 'screen'),
      held('101', 'expired'),
    );
    const some = (await about())('quarantine');
    services.recordingState.knowsQuarantine = false;
    const old = (await about())('quarantine');
    services.recordingState.knowsQuarantine = true;
    for (let n = 0; n < 95; n += 1) services.recordings.push(held(String(200 + n), 'revoked'));
    const full = (await about())('quarantine');
    services.recordings.push(held('77', 'none-assigned'));
    const many = (await about())('quarantine');
    services.recordings.push(held('77', 'none-assigned'));
    const more = (await about())('quarantine');
    services.recordings.length = 0;
    expect(some).toMatchObject({
      state: 'warning',
      facts: expect.stringMatching(
        /^4 .*: 2 of profile 101 \(expired\), 1 of profile 77 \(none-assigned\), 1 of profile 77's screens \(none-assigned\)$/,
      ),
      fix: expect.stringMatching(/profiles assign 101 .*profiles rollout 101.*recordings list --quarantined/),
    });
    expect(old).toEqual(some);
    expect(full).toMatchObject({ facts: expect.stringMatching(/^99 .*, and of 93 more$/) });
    expect(many).toMatchObject({ facts: expect.stringMatching(/^100 sealed/) });
    expect(more).toMatchObject({ facts: expect.stringMatching(/^100 or more sealed/) });
  });

  test('warns of certificates that stop encrypting soon', async () => {
    const { stored } = services.certificates;
    expect((await about())('certificates')).toMatchObject({
      state: 'ok',
      facts: '1, none expires within 30 days',
    });
    const soon = { notAfter: new Date(Date.now() + 12.5 * 24 * 60 * 60 * 1000) };
    stored.set('a', stubCertificate({ certificateId: 'a'.repeat(64), alias: 'soon', ...soon }));
    stored.set('b', stubCertificate({ certificateId: 'b'.repeat(64), decryptOnly: true, ...soon }));
    expect((await about())('certificates')).toMatchObject({
      state: 'warning',
      facts: '3, 1 of which expire soon: soon (aaaaaaaaaaaaaaaa) in 12 days',
      fix: expect.stringContaining('sealtrack certificates list --expiring 30d'),
    });
    for (let at = 0; at < 1200; at += 1) stored.set(`c${at}`, stubCertificate());
    expect((await about())('certificates')).toMatchObject({
      facts: expect.stringContaining('the first 1000 of 1203 looked at'),
    });
  });

  test('says no more than that the crypto server does not answer', async () => {
    const { code, json } = await cli(['doctor', '--json']);
    expect(code).toBe(1);
    const whats = (json() as { what: string }[]).map(({ what }) => what);
    expect(whats).toContain('crypto-server');
    expect(whats).not.toContain('seal');
    expect(whats).not.toContain('certificates');
  });
});
