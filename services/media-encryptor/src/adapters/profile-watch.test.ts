import { execFileSync } from 'node:child_process';
import { X509Certificate } from 'node:crypto';
import { connectBus } from '@sealtrack/bus/connect';
import { openKv } from '@sealtrack/bus/kv';
import { ensureStreams } from '@sealtrack/bus/streams';
import { createSelfSigned } from '@sealtrack/certificates/self-signed';
import {
  AssignedCertificate,
  HoldingKey,
  IvrProfile,
  ScreenSettings,
} from '@sealtrack/contracts/gen/sealtrack/profiles/v1/profiles';
import type { ProfileId, TenantId } from '@sealtrack/ids/ids';
import { noteLines } from '@sealtrack/service-kit/testing/note-lines';
import { testNats } from '@sealtrack/testkit/test-servers';
import { PLAINTEXT } from '@sealtrack/tls/tls';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { createProfileWatch } from './profile-watch.ts';

const nats = await testNats();
const bus = await connectBus({ transport: PLAINTEXT, url: nats.url, name: 'test' });
afterAll(() => bus[Symbol.asyncDispose]());
await ensureStreams(bus);
const kv = openKv(bus, 'profiles');

const tenant = 'demo' as TenantId;
const id = (profileId: string) => profileId as ProfileId;
const bytes = (value: unknown) => Buffer.from(JSON.stringify(value));
const putProfile = (wire: Partial<IvrProfile>) => {
  const profile = IvrProfile.fromPartial({ tenantId: tenant, suite: 'pkcs7', ...wire });
  return kv.put(`demo.${profile.profileId}`, bytes(IvrProfile.toJSON(profile)));
};
const assigned = (der: Buffer, more: Partial<AssignedCertificate> = {}) =>
  AssignedCertificate.fromPartial({ der, ...more });

const { certificateDer: one } = await createSelfSigned({ commonName: 'One' });
const { certificateDer: two } = await createSelfSigned({ commonName: 'Two' });
const idOf = (der: Buffer) => new X509Certificate(der).fingerprint256.replaceAll(':', '').toLowerCase();

/** As was good enough for a profile once. */
function weak(...how: string[]): Buffer {
  const args = ['req', '-x509', '-nodes', '-keyout', '/dev/null', '-subj', '/CN=Old', '-days', '30', ...how];
  return new X509Certificate(execFileSync('openssl', args, { stdio: 'pipe' })).raw;
}
const signedWithSha1 = weak('-newkey', 'rsa:2048', '-sha1');

const trust = { accept: 'any', roots: () => [], crls: () => [] } as const;
const { log, lines } = noteLines();
const watch = () => createProfileWatch({ trust, clock: () => new Date(), log });
const profiles = watch();
const stop = new AbortController();
let following: Promise<void>;
beforeAll(async () => {
  following = profiles.follow(kv, stop.signal);
  await profiles.ready;
});
afterAll(async () => {
  stop.abort();
  await following;
});

const find = (profileId: string) => profiles.find(tenant, id(profileId));
const patiently = { timeout: 10_000 };
const whenAt = (revision: number) => vi.waitUntil(() => profiles.snapshot().revision >= revision, patiently);
const now = () => new Date();

describe('a profile', () => {
  test('has certificates and a policy for each media type, as they were pushed', async () => {
    const useFrom = new Date('2030-01-01T00:00:00Z');
    const revision = await putProfile({
      profileId: '101',
      suite: 'cms',
      policy: 'optional',
      certificates: [assigned(one), assigned(two, { replaces: idOf(one), useFrom, revoked: true })],
      screen: { certificates: [], policy: '' },
      digital: { certificates: [assigned(two)], policy: 'off' },
    });
    await whenAt(revision);
    const { profile } = find('101');
    expect(profile).toMatchObject({ profileId: '101', suite: 'cms', revision });
    expect(profile.unusable).toBeUndefined();
    expect(profile.settings.policy).toBe('optional');
    const [first, second] = profile.settings.certificates;
    expect([first?.certificateId, second?.certificateId]).toEqual([idOf(one), idOf(two)]);
    expect([first?.useFrom, first?.replaces, first?.problemAt(now())]).toEqual([
      undefined,
      undefined,
      undefined,
    ]);
    expect([second?.useFrom, second?.replaces, second?.problemAt(now())]).toEqual([
      useFrom,
      idOf(one),
      'revoked',
    ]);
    expect(profile.own.screen).toEqual({ policy: 'required', certificates: [] });
    expect(profile.own.digital).toMatchObject({
      policy: 'off',
      certificates: [{ certificateId: idOf(two) }],
    });
    // The same certificate, taken apart once.
    expect(profile.own.digital?.certificates[0]?.recipient).toBe(second?.recipient);
  });

  test.each(['', 'whatever', 'REQUIRED'])(
    'with the policy %j is required to be encrypted',
    async (policy) => {
      await whenAt(await putProfile({ profileId: '102', policy }));
      expect(find('102').profile.settings.policy).toBe('required');
      expect(find('102').profile.own).toEqual({});
    },
  );

  test('that was deleted, and one that cannot be used, is there without certificates', async () => {
    const certificates = [assigned(one)];
    await putProfile({ profileId: '201', deleted: true, policy: 'off', suite: '' });
    await putProfile({ profileId: '202', suite: 'rot13', policy: 'off', certificates });
    await putProfile({ profileId: '203', certificates: [...certificates, assigned(one.subarray(0, 100))] });
    await kv.put('demo.204', Buffer.from('{"profileId":'));
    const revision = await kv.put('demo.205', bytes({ profileId: '101', suite: 'pkcs7' }));
    await whenAt(revision);
    const unusable = ['201', '202', '203', '204', '205'].map((each) => find(each).profile);
    expect(unusable.map((each) => each.unusable)).toEqual([
      'profile-deleted',
      ...Array(4).fill('profile-refused'),
    ]);
    for (const { settings, own, suite } of unusable)
      expect({ settings, own, suite }).toEqual({
        settings: { policy: 'required', certificates: [] },
        own: {},
        suite: 'pkcs7',
      });
    expect(find('205').profile).toMatchObject({ profileId: '205', revision });
    // Of what is refused as a whole its certificates are of no interest.
    expect(profiles.snapshot().entries.get('demo.203')?.contents()).toMatchObject({
      ...{ certificates: [], refused: [{ reason: 'CERTIFICATE_INVALID' }] },
    });
  });

  test('keeps a certificate that is too weak by now, with its problem; one too weak for anything is left out', async () => {
    const broken = weak('-newkey', 'rsa:1023', '-sha256');
    const certificates = [assigned(broken), assigned(signedWithSha1), assigned(one)];
    await whenAt(await putProfile({ profileId: '103', certificates }));
    const found = find('103').profile.settings.certificates;
    expect(found.map((each) => [each.certificateId, each.problemAt(now())])).toEqual([
      [idOf(signedWithSha1), 'too-weak'],
      [idOf(one), undefined],
    ]);
  });

  test('has each certificate judged with its own chain, and by what is worth telling of it', async () => {
    const wrong = assigned(one, { chain: [two] });
    await putProfile({ profileId: '104', certificates: [wrong] });
    const others = [assigned(one), assigned(signedWithSha1), assigned(signedWithSha1, { revoked: true })];
    await whenAt(await putProfile({ profileId: '105', certificates: others }));
    const told = ['104', '105'].flatMap((each) =>
      (profiles.snapshot().entries.get(`demo.${each}`)?.contents().certificates ?? []).map((certificate) => [
        certificate.problemAt(now()),
        certificate.refusalAt(now())?.reason,
      ]),
    );
    expect(told).toEqual([
      ['root-untrusted', 'root-untrusted'],
      [undefined, undefined],
      ['too-weak', 'too-weak'],
      // The crypto server said so: it is no trouble of this encryptor.
      ['revoked', undefined],
    ]);
  });

  test('that never was, or whose entry is gone, is not found', async () => {
    expect(() => find('404')).toThrow(expect.objectContaining({ code: 'PROFILE_NOT_FOUND' }));
    const revision = await putProfile({ profileId: '301' });
    await whenAt(revision);
    expect(find('301').profile.revision).toBe(revision);
    await kv.delete('demo.301', revision);
    await vi.waitFor(() =>
      expect(() => find('301')).toThrow(expect.objectContaining({ code: 'PROFILE_NOT_FOUND' })),
    );
  });
});

describe('what a tenant has', () => {
  const certificates = [assigned(one)];
  const screen = (wire: Partial<ScreenSettings>) =>
    kv.put(
      'demo.screen',
      bytes(ScreenSettings.toJSON(ScreenSettings.fromPartial({ tenantId: tenant, ...wire }))),
    );

  test('comes with each of its profiles, and with nobody else’s', async () => {
    await putProfile({ profileId: '401' });
    await kv.put(
      'other.401',
      bytes(IvrProfile.toJSON(IvrProfile.fromPartial({ profileId: '401', suite: 'cms' }))),
    );
    const past = { notBefore: new Date('2001-01-01'), notAfter: new Date('2002-01-01') };
    const { certificateDer } = await createSelfSigned({ commonName: 'Holding', ...past });
    const holding = HoldingKey.fromPartial({ tenantId: tenant, certificate: { der: certificateDer } });
    await kv.put('demo.holding', bytes(HoldingKey.toJSON(holding)));
    await whenAt(await screen({ certificates, policy: 'off' }));
    const found = find('401');
    expect(found.screen).toMatchObject({ policy: 'off', certificates: [{ certificateId: idOf(one) }] });
    expect(found.holding?.certificateId).toBe(idOf(certificateDer));
    // Its dates are no question.
    expect(found.holding?.problemAt(now())).toBeUndefined();
    expect(profiles.find('other' as TenantId, id('401'))).toMatchObject({
      profile: { suite: 'cms' },
      screen: undefined,
      holding: undefined,
    });
  });

  test('for screens is nothing, and nothing in clear, when it cannot be read', async () => {
    await putProfile({ profileId: '401' });
    const closed = { policy: 'required', certificates: [] };
    await whenAt(await screen({ policy: 'off', certificates: [assigned(one.subarray(0, 100))] }));
    expect(find('401').screen).toEqual(closed);
    await whenAt(await kv.put('demo.screen', Buffer.from('no JSON')));
    expect(find('401').screen).toEqual(closed);
    await whenAt(await kv.put('demo.holding', bytes({ tenantId: 'demo' })));
    expect(find('401').holding).toBeUndefined();
  });
});

test('of each change its keys are told, after it', async () => {
  const told: (readonly string[])[] = [];
  const done = profiles.changes((keys) => {
    told.push(keys);
    for (const key of keys) revisions.push(profiles.snapshot().entries.get(key)?.revision);
  });
  const revisions: unknown[] = [];
  const first = await putProfile({ profileId: '501' });
  await whenAt(first);
  await kv.delete('demo.501', first);
  await vi.waitUntil(() => told.length === 2, patiently);
  done();
  await whenAt(await putProfile({ profileId: '502' }));
  expect(told).toEqual([['demo.501'], ['demo.501']]);
  expect(revisions).toEqual([first, undefined]);
  expect(lines.filter(({ fields }) => fields.profile === 'demo.501').map(({ message }) => message)).toEqual([
    'profile applied',
    'profile gone',
  ]);
});

test('what was stored is used until the bucket says what is newer, changed and gone', async () => {
  const kept = await putProfile({ profileId: '601' });
  await putProfile({ profileId: '602' });
  const deleted = await putProfile({ profileId: '999' });
  await whenAt(deleted);
  const { entries } = profiles.snapshot();
  const stored = ['demo.601', 'demo.602', 'demo.999'].map((key) => {
    const { revision = 0, value = Buffer.alloc(0) } = entries.get(key) ?? {};
    return { key, revision, value };
  });
  await kv.delete('demo.999', deleted);
  const newer = await putProfile({ profileId: '602', suite: 'cms' });

  const late = watch();
  const currentAt = new Date('2026-01-01T00:00:00Z');
  late.startOn({ entries: stored, revision: deleted, currentAt, savedAt: currentAt });
  expect([late.isCurrent(), late.currentAt(), late.snapshot().revision]).toEqual([false, currentAt, deleted]);
  const before = late.find(tenant, id('601'));
  expect(late.find(tenant, id('602')).profile.suite).toBe('pkcs7');
  expect(late.find(tenant, id('999')).profile.profileId).toBe('999');

  const told: string[] = [];
  late.changes((keys) => void told.push(...keys));
  const end = new AbortController();
  const done = late.follow(kv, end.signal);
  await vi.waitUntil(() => late.isCurrent(), patiently);
  expect(late.find(tenant, id('601')).profile).toBe(before.profile);
  expect(late.find(tenant, id('602')).profile).toMatchObject({ suite: 'cms', revision: newer });
  expect(() => late.find(tenant, id('999'))).toThrow(expect.objectContaining({ code: 'PROFILE_NOT_FOUND' }));
  expect(told).toEqual(expect.arrayContaining(['demo.602', 'demo.999']));
  expect(told).not.toContain('demo.601');
  expect(kept).toBeLessThan(newer);
  end.abort();
  await done;
  expect(late.isCurrent()).toBe(false);
  expect(Date.now() - (late.currentAt()?.getTime() ?? 0)).toBeLessThan(10_000);
});

test('what was stored goes by what the bucket has, and stays where that is nothing', async () => {
  const profileOf = (suite: string) => bytes({ profileId: '801', suite });
  const currentAt = new Date('2026-01-01T00:00:00Z');
  const raw = { key: 'demo.801', revision: 7, value: profileOf('pkcs7') };
  const following = async (...entries: { key: string; revision: number; value: Buffer }[]) => {
    const late = watch();
    late.startOn({ entries: [raw], revision: 7, currentAt, savedAt: currentAt });
    async function* bucket() {
      yield { entries, upToDate: true };
    }
    await late.follow({ watch: bucket }, stop.signal);
    return () => late.find(tenant, id('801')).profile.suite;
  };
  expect((await following(raw))()).toBe('pkcs7');
  expect((await following())()).toBe('pkcs7');
  expect((await following({ ...raw, value: profileOf('cms') }))()).toBe('cms');
});

test('while the broker is away the last snapshot is used; afterwards what changed meanwhile is in it', async () => {
  const before = await putProfile({ profileId: '701', certificates: [assigned(one)] });
  await putProfile({ profileId: '702' });
  await whenAt(before + 1);
  await nats.kill();
  await vi.waitUntil(() => !profiles.isCurrent(), patiently);
  const lost = profiles.currentAt();
  expect(find('701').profile.settings.certificates).toHaveLength(1);
  // Pushed in the moment in which the broker comes back, and again in one in which it goes.
  const pushed = putProfile({ profileId: '701', certificates: [assigned(two)] });
  await nats.restart();
  const revision = await pushed;
  await nats.kill();
  await nats.restart();
  await vi.waitUntil(() => profiles.isCurrent() && profiles.snapshot().revision >= revision, {
    timeout: 30_000,
  });
  expect(find('701').profile.settings.certificates[0]?.certificateId).toBe(idOf(two));
  expect(find('702').profile.revision).toBe(before + 1);
  expect(profiles.currentAt()?.getTime()).toBeGreaterThan(lost?.getTime() ?? 0);
}, 60_000);

test('a bucket that lost its entries takes no profile away, and is followed in what it has', async () => {
  const { snapshot } = profiles;
  const lost = snapshot().revision;
  const errors = () => lines.filter(({ level }) => level === 'error').length;
  const before = errors();
  expect(lost).toBeGreaterThan(0);
  const kept = find('702').profile;
  await bus.link.manager.streams.delete('KV_profiles');
  await ensureStreams(bus);
  await vi.waitUntil(() => !profiles.isCurrent(), { timeout: 30_000 });
  await new Promise((resolve) => void setTimeout(resolve, 3_000));
  expect(profiles.isCurrent()).toBe(false);
  expect(find('702').profile).toBe(kept);
  expect(snapshot().revision).toBe(0);
  expect(errors()).toBe(before + 1);

  const late = watch();
  const entries = [...snapshot().entries.values()];
  const currentAt = new Date('2026-01-01T00:00:00Z');
  late.startOn({ entries, revision: lost, currentAt, savedAt: currentAt });
  const done = late.follow(kv, stop.signal);
  await new Promise((resolve) => void setTimeout(resolve, 1_000));
  expect(late.snapshot().entries.size).toBe(entries.length);
  expect([late.isCurrent(), late.currentAt()]).toEqual([false, currentAt]);

  const revision = await putProfile({ profileId: '801' });
  expect(revision).toBeLessThan(lost);
  for (const each of [profiles, late]) {
    await vi.waitUntil(() => each.snapshot().revision === revision, { timeout: 30_000 });
    expect(each.find(tenant, id('702')).profile.profileId).toBe('702');
    expect(each.isCurrent()).toBe(false);
  }
  // Those that nobody wants any more.
  for (const { key, value } of entries) await kv.delete(key, await kv.put(key, value));
  for (const each of [profiles, late]) {
    await vi.waitUntil(() => each.snapshot().entries.size === 1, { timeout: 30_000 });
    expect(each.isCurrent()).toBe(true);
    expect(each.find(tenant, id('801')).profile.profileId).toBe('801');
  }
  stop.abort();
  await done;
}, 60_000);
