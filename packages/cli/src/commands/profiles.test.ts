import { type IvrProfile, ScreenSettings } from '@sealtrack/contracts/gen/sealtrack/profiles/v1/profiles';
import { afterAll, beforeEach, describe, expect, test } from 'vitest';
import { cli } from '../testing/run-cli.ts';
import { CERTIFICATE_ID, stubCertificate } from '../testing/stub-certificates.ts';
import { type StubServices, startStubServices } from '../testing/stub-services.ts';

const services: StubServices = await startStubServices();
afterAll(() => services[Symbol.asyncDispose]());
const { profiles, profileState, certificates } = services;
const SALES = CERTIFICATE_ID;
const NEXT = `7b01e4aa${'0'.repeat(56)}`;
const OLD = `01d01d01${'0'.repeat(56)}`;
certificates.stored.set(NEXT, stubCertificate({ certificateId: NEXT, alias: 'sales 2027' }));
certificates.stored.set(
  OLD,
  stubCertificate({ certificateId: OLD, alias: 'old', notAfter: new Date('2026-01-02T00:00:00Z') }),
);
beforeEach(() => {
  profiles.clear();
  profileState.screen = undefined;
  profileState.beforeChange = () => {};
});

const run = (...args: string[]) => cli(args, { env: services.env });
const create = (...args: string[]) => run('profiles', 'create', '101', '--name', 'Sales', ...args);
const idsOf = (list: IvrProfile['certificates'] | undefined) => list?.map((each) => each.certificateId);
/** Somebody else changes the profile between this command's look at it and its change. */
const meanwhile = (change: Partial<IvrProfile>): void => {
  profileState.beforeChange = () => {
    const profile = profiles.get('101');
    if (profile === undefined) throw new Error('There is no profile 101');
    profiles.set('101', { ...profile, ...change, revision: profile.revision + 100n });
  };
};

describe('profiles', () => {
  test('are created, assigned by prefix or alias, and listed', async () => {
    expect((await run('profiles', 'list')).text).toContain('No profiles yet');
    expect((await create()).text).toContain(
      'It has no certificate yet: its recordings are sealed to the holding key and kept in quarantine',
    );
    expect((await run('profiles', 'list')).text).toContain('none: its recordings are sealed to the holding');
    expect((await run('profiles', 'assign', '101', '3fa9c1d2')).text).toBe(
      'Recordings of IVR profile 101, Sales, are now encrypted to 3fa9c1d2 (sales).\n',
    );
    expect((await run('profiles', 'assign', '101', 'sales')).code).toBe(0);
    expect((await run('profiles', 'list')).text).toContain('3fa9c1d2 (sales)');
    expect((await run('profiles', 'list', '--json')).json()).toEqual([
      expect.objectContaining({
        ...{ profileId: '101', policy: 'required', deleted: false, screen: null, digital: null },
        revision: Number(profiles.get('101')?.revision),
        certificates: [expect.objectContaining({ certificateId: SALES, replaces: '', revoked: false })],
      }),
    ]);
  });

  test('are assigned what stands on the last of many pages', async () => {
    await create();
    for (let at = 0; at < 1200; at += 1) {
      const certificateId = at.toString(16).padStart(64, '0');
      const last = at === 1199 ? 'old key' : `old key ${at}`;
      certificates.stored.set(certificateId, stubCertificate({ certificateId, alias: last }));
    }
    expect((await run('profiles', 'assign', '101', 'old key')).code).toBe(0);
    expect(idsOf(profiles.get('101')?.certificates)).toEqual([(1199).toString(16).padStart(64, '0')]);
    for (let at = 0; at < 1200; at += 1) certificates.stored.delete(at.toString(16).padStart(64, '0'));
  });

  test.each([
    ['assign', '999', SALES],
    ['show', '999'],
    ['set', '999', '--policy', 'off'],
    ['delete', '999'],
  ])("that do not exist are the service's error, exit code 1: %s", async (...args) => {
    const { code, stderr } = await run('profiles', ...args);
    expect(code).toBe(1);
    expect(stderr).toBe('error: There is no IVR profile 999\nfix: Create it.\n');
  });

  test.each([
    ['assign', '101', SALES],
    ['succeed', '101', SALES, NEXT],
    ['set', '101', '--name', 'Mine'],
    ['delete', '101'],
  ])('that somebody else changed meanwhile are not changed: %s', async (...args) => {
    await create();
    await run('profiles', 'assign', '101', SALES);
    meanwhile({ name: 'Theirs' });
    const { code, text, stderr } = await run('profiles', ...args);
    expect([code, text]).toEqual([1, '']);
    expect(stderr).toContain('It was changed by somebody else');
    expect(profiles.get('101')).toMatchObject({ name: 'Theirs', deleted: false });
  });

  test('are warned of whose recordings could come to be in clear', async () => {
    expect((await create('--policy', 'required')).stderr).toBe('');
    expect((await run('profiles', 'set', '101', '--policy', 'off')).stderr).toContain(
      'warning: with the policy "off" every recording is stored in clear',
    );
    expect(profiles.get('101')?.policy).toBe('off');
    const { stderr } = await run('profiles', 'set', '101', '--policy', 'optional', '--json');
    expect(JSON.parse(stderr)).toEqual({ note: expect.stringContaining('"optional"') });
    expect((await create('--policy', 'optional')).text).toContain('are stored in clear, until');
    expect((await run('profiles', 'set', '101', '--policy', 'required')).stderr).toBe('');
  });

  test('have certificates and policies for each media type, and lose them again', async () => {
    await create();
    await run('profiles', 'assign', '101', SALES);
    const assigned = await run('profiles', 'assign', '101', NEXT, '--media-type', 'digital');
    expect(assigned.text).toBe(
      'Digital recordings of IVR profile 101, Sales, are now encrypted to 7b01e4aa (sales 2027).\n',
    );
    expect(idsOf(profiles.get('101')?.certificates)).toEqual([SALES]);
    expect(idsOf(profiles.get('101')?.digital?.certificates)).toEqual([NEXT]);
    await run('profiles', 'set', '101', '--media-type', 'screen', '--policy', 'off');
    const shown = (await run('profiles', 'show', '101')).text;
    expect(shown).toMatch(/^voice {5}required: .*quarantine/m);
    expect(shown).toMatch(/^screen {4}off: recordings are stored in clear/m);
    expect(shown).toMatch(/^digital {3}required/m);
    expect((await run('profiles', 'list')).text).toContain('others for screen; others for digital');
    await run('profiles', 'set', '101', '--media-type', 'digital', '--no-own-settings');
    expect(profiles.get('101')?.digital).toBeUndefined();
    expect((await run('profiles', 'show', '101')).text).toContain('digital   as voice');
  });

  test('lose their last certificate on purpose only, and say what follows', async () => {
    await create();
    await run('profiles', 'assign', '101', SALES);
    expect((await run('profiles', 'assign', '101')).code).toBe(2);
    expect((await run('profiles', 'assign', '101', SALES, '--none')).code).toBe(2);
    expect((await run('profiles', 'assign', '101', '--none')).text).toContain(
      'are now sealed to the holding key and kept in quarantine',
    );
    expect(profiles.get('101')?.certificates).toEqual([]);
  });

  test('are told of certificates that nothing is encrypted to now', async () => {
    await create();
    const { text, stderr } = await run('profiles', 'assign', '101', OLD, SALES);
    expect(stderr).toBe('warning: old expired at 2026-01-02T00:00:00Z: nothing is encrypted to it\n');
    expect(text).toContain('are now encrypted to 3fa9c1d2 (sales).');
    expect((await run('profiles', 'assign', '101', OLD)).text).toContain('kept in quarantine');
  });

  test('are succeeded by a certificate that takes over on its day', async () => {
    await create();
    await run('profiles', 'assign', '101', SALES);
    const { code, text, stderr } = await run(
      'profiles',
      'succeed',
      '101',
      'sales',
      '7b01e4aa',
      '--from',
      '2127-01-01',
    );
    expect([code, stderr]).toEqual([0, '']);
    expect(text).toBe(
      '7b01e4aa (sales 2027) takes over from 3fa9c1d2 (sales) at 2127-01-01T00:00:00Z.\n' +
        'Recordings of IVR profile 101, Sales, are now encrypted to 3fa9c1d2 (sales).\n',
    );
    expect(profiles.get('101')?.certificates).toMatchObject([
      { certificateId: SALES, replaces: '' },
      { certificateId: NEXT, replaces: SALES, useFrom: new Date('2127-01-01T00:00:00Z') },
    ]);
    expect((await run('profiles', 'show', '101')).text).toMatch(
      /7b01e4aa0{8} sales 2027; valid .*; takes over from 3fa9c1d20{8} at 2127-01-01T00:00:00Z$/m,
    );
    const at = await run(
      'profiles',
      'succeed',
      '101',
      '3fa9c1d2',
      NEXT,
      '--from',
      '2026-02-01T06:00:00+01:00',
    );
    expect(at.text).toContain('are now encrypted to 7b01e4aa (sales 2027).');
    expect(profiles.get('101')?.certificates).toHaveLength(2);
    expect((await run('profiles', 'show', '101')).text).toContain('another one has taken over from it');
  });

  test('are not succeeded in what they do not have', async () => {
    await create();
    await run('profiles', 'assign', '101', SALES);
    const old = await run('profiles', 'succeed', '101', 'old', NEXT);
    expect([old.code, old.stderr]).toEqual([1, expect.stringContaining('There is no certificate old')]);
    const screen = await run('profiles', 'succeed', '101', SALES, NEXT, '--media-type', 'screen');
    expect(screen.stderr).toContain('sealtrack screen-certificates succeed');
  });

  test('are deleted, asking at a terminal, and say what becomes of their recordings', async () => {
    await create();
    const ask = ['profiles', 'delete', '101'];
    const refused = await cli(ask, { env: services.env, typed: 'no\n' });
    expect(refused.stderr).toContain('nothing was deleted');
    expect(profiles.get('101')?.deleted).toBe(false);
    const { text } = await cli(ask, { env: services.env, typed: 'yes\n' });
    expect(text).toContain('Recordings that still arrive for it are sealed to the holding key');
    expect(profiles.get('101')?.deleted).toBe(true);
    expect((await run(...ask)).code).toBe(0);
    expect((await run('profiles', 'list')).text).toContain('No profiles yet');
    expect((await run('profiles', 'list', '--deleted')).text).toMatch(/^101 .* deleted/m);
    expect((await run('profiles', 'show', '101')).text).toMatch(/^deleted +recordings that still arrive/m);
  });

  test('are all listed, page by page, or those only that are sought', async () => {
    await create();
    const profile = profiles.get('101');
    if (profile === undefined) throw new Error('There is no profile 101');
    for (let id = 1; id <= 1_200; id += 1)
      profiles.set(`${id}`, { ...profile, profileId: `${id}`, name: id === 1_200 ? 'Last' : 'Many' });
    profileState.pages = 0;
    expect((await run('profiles', 'list', '--json')).json()).toHaveLength(1_200);
    expect(profileState.pages).toBe(3);
    expect((await run('profiles', 'list')).text.trimEnd().split('\n')).toHaveLength(1_201);
    expect((await run('profiles', 'list', 'Last', '--json')).json()).toMatchObject([{ profileId: '1200' }]);
    expect((await run('profiles', 'list', 'nobody')).text).toBe('None has nobody in it.\n');
  });
});

describe('screen certificates', () => {
  const saved = () => profileState.screen;

  test('are none to begin with', async () => {
    expect((await run('screen-certificates', 'show')).text).toContain(
      'are treated as the other recordings of their IVR profile',
    );
    expect((await run('screen-certificates', 'show', '--json')).json()).toEqual([
      { revision: 0, policy: 'required', certificates: [] },
    ]);
  });

  test('are added and taken away, and without any left they go to quarantine', async () => {
    expect((await run('screen-certificates', 'assign', 'sales')).text).toBe(
      'Screen recordings of demo are now encrypted to 3fa9c1d2 (sales).\n',
    );
    await run('screen-certificates', 'assign', '7b01e4aa', 'sales');
    expect(idsOf(saved()?.certificates)).toEqual([SALES, NEXT]);
    await run('screen-certificates', 'remove', 'sales');
    expect(idsOf(saved()?.certificates)).toEqual([NEXT]);
    const last = await run('screen-certificates', 'remove', NEXT);
    expect(last.text).toContain('are now sealed to the holding key and kept in quarantine');
    expect(saved()).toMatchObject({ certificates: [], policy: 'required' });
    for (const absent of ['sales', NEXT]) {
      const { code, stderr } = await run('screen-certificates', 'remove', absent);
      expect([code, stderr]).toEqual([1, expect.stringMatching(/^error: .*(no certificate|not among)/)]);
    }
  });

  test('are replaced as a whole, or only their policy', async () => {
    await run('screen-certificates', 'set', SALES, NEXT);
    const { stderr } = await run('screen-certificates', 'set', '--policy', 'off');
    expect(stderr).toContain('every recording is stored in clear');
    expect(saved()).toMatchObject({ policy: 'off' });
    expect(idsOf(saved()?.certificates)).toEqual([SALES, NEXT]);
    await run('screen-certificates', 'set', '--none', '--policy', 'required');
    expect(saved()).toMatchObject({ policy: 'required', certificates: [] });
  });

  test('are succeeded too', async () => {
    await run('screen-certificates', 'assign', SALES);
    const { text } = await run(
      'screen-certificates',
      'succeed',
      'sales',
      'sales 2027',
      '--from',
      '2127-01-01',
    );
    expect(text).toContain('takes over from 3fa9c1d2 (sales) at 2127-01-01T00:00:00Z');
    expect(saved()?.certificates).toMatchObject([{ replaces: '' }, { replaces: SALES }]);
    expect((await run('screen-certificates', 'show')).text).toContain('takes over from 3fa9c1d2');
  });

  test('that somebody else changed meanwhile are not changed', async () => {
    await run('screen-certificates', 'assign', SALES);
    profileState.beforeChange = () => {
      const { screen } = profileState;
      if (screen !== undefined) profileState.screen = { ...screen, revision: screen.revision + 100n };
    };
    const { code, stderr } = await run('screen-certificates', 'assign', NEXT);
    expect([code, stderr]).toEqual([1, expect.stringContaining('It was changed by somebody else')]);
    expect(idsOf(saved()?.certificates)).toEqual([SALES]);
  });

  test('that somebody else made meanwhile, where there were none, are not changed', async () => {
    profileState.beforeChange = () => {
      profileState.screen = ScreenSettings.fromPartial({ policy: 'optional', revision: 100n });
    };
    for (const command of ['assign', 'set']) {
      profileState.screen = undefined;
      const { code, stderr } = await run('screen-certificates', command, NEXT);
      expect([code, stderr]).toEqual([1, expect.stringContaining('It was changed by somebody else')]);
      expect(saved()).toMatchObject({ policy: 'optional', certificates: [] });
    }
  });
});
