import { randomUUID } from 'node:crypto';
import { testNats } from '@sealtrack/testkit/test-servers';
import { afterAll, describe, expect, test } from 'vitest';
import { genesysWorld, newCertificate } from './testing/genesys-world.ts';

const world = await genesysWorld((await testNats()).url);
afterAll(() => world[Symbol.asyncDispose]());

const ONE = world.know(newCertificate('Recording CA', 0x0a1b2c));
const TWO = world.know(newCertificate('Recording CA', 16));
const THREE = world.know(newCertificate('Other CA', 0x0a1b2c));
const STRANGER = newCertificate('Recording CA', 99);
const ALIAS = 'rcs_1:1:CN=Recording CA:0A1B2C';

const newTenant = () => `genesys-${randomUUID()}`;
const profile = (group: object | undefined, own?: object, dbid = 101) => ({
  ...{ dbid, name: 'Sales' },
  annex: { 'recording-certificates': group, sealtrack: own, 'gvp.general': { 'service-type': 'record' } },
});
const idsOf = async (tenantId: string, profileId = '101') =>
  (await world.profile(tenantId, profileId)).certificates.map(({ certificateId }) => certificateId);

describe('a document of Genesys', () => {
  test('makes profiles and screen settings, once', async () => {
    const tenantId = newTenant();
    const pairs = { 'certificate-7': TWO.pem, 'certificatealias-2': ALIAS };
    const document = { tenant: 1, profiles: [profile(pairs)], screen: { 'certificate-1': ONE.pem } };
    const imported = [
      { profileId: '', outcome: 'created', messages: [], certificateIds: [ONE.id] },
      { profileId: '101', outcome: 'created', messages: [], certificateIds: [ONE.id, TWO.id] },
    ];
    expect(await world.import(tenantId, document, true)).toEqual(imported);
    await expect(world.profile(tenantId, '101')).rejects.toMatchObject({ code: 'PROFILE_NOT_FOUND' });
    expect(await world.screen(tenantId)).toBeUndefined();

    expect(await world.import(tenantId, document)).toEqual(imported);
    const made = await world.profile(tenantId, '101');
    expect(made).toMatchObject({ name: 'Sales', suite: 'pkcs7', policy: 'required', screen: undefined });
    expect(await idsOf(tenantId)).toEqual([ONE.id, TWO.id]);
    expect(await world.screen(tenantId)).toMatchObject({
      policy: 'required',
      certificates: [{ certificateId: ONE.id }],
    });

    const again = await world.import(tenantId, document);
    expect(again.map(({ outcome }) => outcome)).toEqual(['unchanged', 'unchanged']);
    expect(await world.profile(tenantId, '101')).toEqual(made);
  });

  test('changes the certificates, and no policy, suite or settings that it does not know', async () => {
    const tenantId = newTenant();
    await world.create({ tenantId, profileId: '101', name: 'Old', suite: 'cms', policy: 'off' });
    await world.update({ tenantId, profileId: '101', mediaType: 'digital', policy: 'optional' });
    const [imported] = await world.import(tenantId, { profiles: [profile({ 'certificate-1': ONE.pem })] });
    expect(imported?.outcome).toBe('changed');
    expect(await world.profile(tenantId, '101')).toMatchObject({
      ...{ name: 'Sales', suite: 'cms', policy: 'off', digital: { policy: 'optional' } },
    });
    expect(await idsOf(tenantId)).toEqual([ONE.id]);
  });

  test('without the section leaves certificates alone, with an empty one takes them away', async () => {
    const tenantId = newTenant();
    await world.import(tenantId, { profiles: [profile({ 'certificate-1': ONE.pem })] });
    const [left] = await world.import(tenantId, { profiles: [profile(undefined)] });
    expect(left).toMatchObject({ outcome: 'unchanged', certificateIds: [ONE.id] });
    expect(left?.messages).toEqual([expect.stringContaining('left as they are')]);
    const [taken] = await world.import(tenantId, { profiles: [profile({})] });
    expect(taken).toMatchObject({ outcome: 'changed', certificateIds: [] });
    expect(taken?.messages).toEqual([expect.stringContaining('no certificate')]);
    expect(await world.profile(tenantId, '101')).toMatchObject({ certificates: [], policy: 'required' });
  });

  test('creates a deleted profile anew', async () => {
    const tenantId = newTenant();
    await world.create({ tenantId, profileId: '101' });
    await world.remove(tenantId, '101');
    const [imported] = await world.import(tenantId, { profiles: [profile({ 'certificate-1': ONE.pem })] });
    expect(imported?.outcome).toBe('created');
    expect(await world.profile(tenantId, '101')).toMatchObject({ deleted: false });
  });
});

describe('a certificate', () => {
  const found = async (group: object) => {
    const [imported] = await world.import(newTenant(), { profiles: [profile(group)] });
    return imported;
  };

  test.each([
    ['PEM in one line', { 'certificate-1': ONE.pem.replaceAll('\n', ' ') }],
    ['PEM with line breaks spelt out', { 'certificate-1': ONE.pem.replaceAll('\n', '\\n') }],
    [
      'PEM without its first and last line',
      { 'certificate-1': ONE.pem.replaceAll(/-----[A-Z ]+-----/g, '') },
    ],
    ['an alias', { 'certificatealias-1': ALIAS }],
    ['an alias as OpenSSL writes names', { 'certificatealias-1': 'rcs_x:1:/CN=recording ca:000a1b2c' }],
    [
      'an alias with the number in decimal digits',
      { 'certificatealias-1': `rcs_1:1:CN = Recording CA:${0x0a1b2c}` },
    ],
  ])('is found by %s', async (_, group) => {
    expect(await found(group)).toMatchObject({ outcome: 'created', certificateIds: [ONE.id] });
  });

  test.each([
    [
      'an alias that fits none',
      { 'certificatealias-4': 'rcs_1:1:CN=Nobody:0a1b2c' },
      /^certificatealias-4: there is no certificate here of the issuer CN=Nobody and the serial number 0a1b2c\. Import it/,
    ],
    ['an alias of another form', { 'certificatealias-1': 'sales' }, /not of the form/],
    [
      'PEM that is damaged',
      { 'certificate-1': ONE.pem.replaceAll('A', '') },
      /^certificate-1 is no certificate/,
    ],
    [
      'a private key',
      { 'certificate-1': ONE.pem.replaceAll('CERTIFICATE', 'PRIVATE KEY') },
      /^certificate-1 is no certificate\./,
    ],
    ['PEM with its chain', { 'certificate-1': ONE.pem + TWO.pem }, /holds 2 PEM blocks/],
    [
      'one that is not here',
      { 'certificate-1': STRANGER.pem },
      /^certificate-1 \(CN=of Recording CA, serial number 63\) is not here\. Import it with its private key/,
    ],
    ['one under another name', { spare: ONE.pem }, /^spare holds a certificate/],
  ])('is refused as %s, and its profile with it', async (_, group, message) => {
    const tenantId = newTenant();
    const document = { profiles: [profile(group), profile({ 'certificate-1': TWO.pem }, undefined, 102)] };
    for (const dryRun of [true, false]) {
      const [refused, other] = await world.import(tenantId, document, dryRun);
      expect(refused).toMatchObject({ profileId: '101', outcome: 'refused' });
      expect(refused?.messages).toEqual([expect.stringMatching(message)]);
      expect(other).toMatchObject({ profileId: '102', outcome: 'created' });
    }
    await expect(world.profile(tenantId, '101')).rejects.toMatchObject({ code: 'PROFILE_NOT_FOUND' });
    expect(await idsOf(tenantId, '102')).toEqual([TWO.id]);
  });

  test('that an alias tells from no other is refused, until there is PEM', async () => {
    const twin = world.know(newCertificate('Twin CA', 5));
    const alias = 'rcs_1:1:CN=Twin CA:05';
    expect(await found({ 'certificatealias-1': alias })).toMatchObject({ certificateIds: [twin.id] });
    const other = world.know(newCertificate('Twin CA', 5, 'other'));
    const refused = await found({ 'certificatealias-1': alias });
    expect(refused?.messages).toEqual([expect.stringContaining('several certificates')]);
    const pair = { 'certificatealias-1': alias, 'certificate-1': twin.pem };
    expect(await found(pair)).toMatchObject({ outcome: 'created', certificateIds: [twin.id], messages: [] });
    world.forget(other);
  });

  test('16 in digits is two numbers, and means the one that there is', async () => {
    expect(await found({ 'certificatealias-1': 'rcs_1:1:CN=Recording CA:16' })).toMatchObject({
      certificateIds: [TWO.id],
    });
    const hex = world.know(newCertificate('Recording CA', 0x16));
    const refused = await found({ 'certificatealias-1': 'rcs_1:1:CN=Recording CA:16' });
    expect(refused?.messages).toEqual([expect.stringContaining('several certificates')]);
    world.forget(hex);
  });

  test('is looked for once, in however many profiles it is', async () => {
    const before = world.searches;
    const profiles = [1, 2, 3].map((dbid) => profile({ 'certificatealias-1': ALIAS }, undefined, dbid));
    const imported = await world.import(newTenant(), { profiles });
    expect(imported.map(({ certificateIds }) => certificateIds)).toEqual([[ONE.id], [ONE.id], [ONE.id]]);
    expect(world.searches - before).toBe(1);
  });

  test('whose alias is that of another is taken by its PEM, and told', async () => {
    const imported = await found({ 'certificate-1': TWO.pem, 'certificatealias-1': ALIAS, other: 'x' });
    expect(imported).toMatchObject({ outcome: 'created', certificateIds: [TWO.id] });
    expect(imported?.messages).toEqual([
      expect.stringContaining('other is not known'),
      expect.stringContaining('alias of another certificate'),
    ]);
  });

  test('that may not encrypt is refused before anything is changed', async () => {
    const tenantId = newTenant();
    await world.import(tenantId, { profiles: [profile({ 'certificate-1': ONE.pem })] });
    const before = await world.profile(tenantId, '101');
    const revoked = world.know(newCertificate('Recording CA', 7), {
      problem: 'revoked',
      problemText: 'It is revoked.',
    });
    const document = {
      profiles: [profile({ 'certificate-1': revoked.pem }, { suite: 'cms', policy: 'optional' })],
    };
    const [refused] = await world.import(tenantId, document);
    expect(refused?.messages[0]).toContain('certificate-1 (CN=of Recording CA, serial number 7): ');
    expect(refused?.messages[0]).toContain('It is revoked.');
    expect(await world.profile(tenantId, '101')).toEqual(before);
  });

  test('of a holding key is none that an alias can mean', async () => {
    const holding = world.know(newCertificate('Holding', 3), { holding: true });
    const refused = await found({ 'certificatealias-1': 'rcs_1:1:CN=Holding:03' });
    expect(refused).toMatchObject({ outcome: 'refused', certificateIds: [] });
    world.forget(holding);
  });
});

test('a looser policy comes after the certificates, a stricter one before', async () => {
  const tenantId = newTenant();
  const policies = async (work: Promise<unknown>) => {
    await work;
    return (await world.profile(tenantId, '101')).policy;
  };
  const seen: unknown[] = [];
  const watching = new AbortController();
  const watch = (async () => {
    for await (const { entries } of world.kv.watch({ signal: watching.signal }))
      for (const { key, value } of entries)
        if (key === `${tenantId}.101` && value !== undefined) {
          const { policy, certificates = [] } = JSON.parse(Buffer.from(value).toString()) as {
            policy: string;
            certificates?: unknown[];
          };
          seen.push([policy, certificates.length]);
        }
  })();
  const both = { 'certificate-1': ONE.pem, 'certificate-2': TWO.pem };
  const loose = { profiles: [profile({ 'certificate-1': ONE.pem }, { policy: 'optional' })] };
  expect(await policies(world.import(tenantId, loose))).toBe('optional');
  const strict = { profiles: [profile(both, { policy: 'required' })] };
  expect(await policies(world.import(tenantId, strict))).toBe('required');
  await expect.poll(() => seen.length).toBeGreaterThanOrEqual(5);
  watching.abort();
  await watch;
  expect(seen).toEqual([
    ['required', 0],
    ['required', 1],
    ['optional', 1],
    ['required', 1],
    ['required', 2],
  ]);
});

test('what somebody else changes meanwhile is not overwritten: his change stays, and the profile is refused', async () => {
  const tenantId = newTenant();
  await world.create({ tenantId, profileId: '101', name: 'Old' });
  world.onChange = async () => {
    world.onChange = async () => {};
    await world.assign({ tenantId, profileId: '101', certificateIds: [TWO.id] });
  };
  const [refused] = await world.import(tenantId, { profiles: [profile({ 'certificate-1': ONE.pem })] });
  expect(refused?.messages).toEqual([expect.stringContaining('changed by somebody else')]);
  expect(await idsOf(tenantId)).toEqual([TWO.id]);
});

test('a crypto server that goes away ends it with an error, and the same import again finishes it', async () => {
  const tenantId = newTenant();
  const document = {
    profiles: [101, 102, 103].map((dbid) => profile({ 'certificate-1': ONE.pem }, undefined, dbid)),
  };
  world.afterCalls = 3;
  await expect(world.import(tenantId, document)).rejects.toMatchObject({ code: 'SERVICE_UNAVAILABLE' });
  world.afterCalls = Number.POSITIVE_INFINITY;
  expect((await world.import(tenantId, document)).map(({ outcome }) => outcome)).toEqual([
    'unchanged',
    'changed',
    'created',
  ]);
  for (const id of ['101', '102', '103']) expect(await idsOf(tenantId, id)).toEqual([ONE.id]);
});

test('what is wrong with the document as a whole imports nothing', async () => {
  const tenantId = newTenant();
  const document = { profiles: [profile({ 'certificate-1': ONE.pem }), { dbid: 'x' }] };
  await expect(world.import(tenantId, document)).rejects.toMatchObject({
    ...{ code: 'INVALID_ARGUMENT', details: { place: 'profiles[1].dbid' } },
  });
  await expect(world.profile(tenantId, '101')).rejects.toMatchObject({ code: 'PROFILE_NOT_FOUND' });
});

test('two certificates that an envelope could not tell apart are refused here too', async () => {
  const twin = world.know(newCertificate('Other CA', 0x0a1b2c, 'twin'));
  expect(twin.id).not.toBe(THREE.id);
  const tenantId = newTenant();
  const pairs = { 'certificate-1': THREE.pem, 'certificate-2': twin.pem };
  const [refused] = await world.import(tenantId, { profiles: [profile(pairs)] });
  expect(refused?.messages[0]).toContain('same issuer and serial number');
  await expect(world.profile(tenantId, '101')).rejects.toMatchObject({ code: 'PROFILE_NOT_FOUND' });
  world.forget(twin);
});
