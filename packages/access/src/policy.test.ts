import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { PARTIES } from '@sealtrack/authority/bootstrap';
import { expect, test } from 'vitest';
import { ACTIONS, type Action, OPEN_ACCESS } from './access.ts';
import { BUILT_IN_POLICY } from './built-in-policy.ts';
import { createAccess } from './create-access.ts';
import { type Policy, parsePolicy } from './policy.ts';

const parse = (policy: unknown) => parsePolicy(Buffer.from(JSON.stringify(policy)));
const grants = (...all: unknown[]) => ({ version: 1, grants: all });
const player = { who: ['player.acme.example'], role: 'player', tenants: ['acme'] };

test('the policy to begin with is the one that counts without any, and is of the names that bootstrap gives', async () => {
  const file = await readFile(join(import.meta.dirname, '../../../deploy/access-policy.json'));
  expect(parsePolicy(file)).toEqual(BUILT_IN_POLICY);
  const named = BUILT_IN_POLICY.grants.flatMap(({ who }) => who);
  const needNone = ['metadata-processor', 'nats', 'redis'];
  const groups = ['group:administrators', 'group:auditors', 'group:operators', 'group:players'];
  expect(named.sort()).toEqual([...PARTIES.filter((party) => !needNone.includes(party)), ...groups].sort());
});

test.each<[string, unknown, Record<string, RegExp>]>([
  ['of another version', { ...grants(), version: 2 }, { version: /is not 1/ }],
  ['with something that nobody knows', { ...grants(), grant: [] }, { policy: /grant/ }],
  ['without grants', { version: 1 }, { grants: /no list/ }],
  ['with a misspelt key', grants({ ...player, tenant: 'acme' }), { 'grants.0': /tenant/ }],
  ['for nobody', grants({ ...player, who: [] }), { 'grants.0.who': /at least one/ }],
  ['for no tenant', grants({ ...player, tenants: [] }), { 'grants.0.tenants': /at least one/ }],
  ['for a name with a wildcard', grants({ ...player, who: ['*.example'] }), { 'grants.0.who.0': /wildcard/ }],
  ['for everybody', grants({ ...player, who: ['a', '*'] }), { 'grants.0.who.1': /wildcard/ }],
  [
    'for a person whom nobody can be',
    grants({ ...player, who: ['user:al ice'] }),
    { 'grants.0.who.0': /user:/ },
  ],
  ['for people of another kind', grants({ ...player, who: ['role:a'] }), { 'grants.0.who.0': /group:/ }],
  ['for localhost', grants({ ...player, who: ['LocalHost'] }), { 'grants.0.who.0': /everybody/ }],
  [
    'for a tenant that cannot be',
    grants({ ...player, tenants: ['Acme'] }),
    { 'grants.0.tenants.0': /tenant/ },
  ],
  ['with a role that is none', grants({ ...player, role: 'listener' }), { 'grants.0.role': /player/ }],
  [
    'with an action that its role has not',
    grants(player, { ...player, actions: ['media.play', 'key.restore'] }),
    { 'grants.1.actions': /key\.restore is not of the role player/ },
  ],
])('a policy %s is none, and where it is wrong is said', (_, policy, problems) => {
  const matching = Object.entries(problems).map(([where, problem]) => [
    where,
    expect.stringMatching(problem),
  ]);
  expect(() => parse(policy)).toThrow(
    expect.objectContaining({ code: 'CONFIG_INVALID', details: Object.fromEntries(matching) }),
  );
});

test.each([
  ['half', JSON.stringify(grants(player)).slice(0, -1)],
  ['twice one thing', `${JSON.stringify(grants(player)).slice(0, -1)},"grants":[]}`],
  ['twice one thing inside', JSON.stringify(grants(player)).replace('"role"', '"tenants":["*"],"role"')],
  ['a list', '[]'],
  ['empty', ''],
  ['no UTF-8', Buffer.from([0x22, 0xff, 0x22])],
])('a file that is %s is no policy', (_, file) => {
  expect(() => parsePolicy(Buffer.from(file))).toThrow(expect.objectContaining({ code: 'CONFIG_INVALID' }));
});

/** PERMISSION_DENIED, or nothing. */
function decide(policy: Policy, names: readonly string[], action: Action, tenantId?: string): string {
  try {
    createAccess({ policy: () => policy, where: 'there' }).authorise(names, action, tenantId);
    return 'yes';
  } catch (error) {
    return String((error as { code?: string }).code);
  }
}

const NO = 'PERMISSION_DENIED';
const mixed = parse(
  grants(
    player,
    { who: ['Player.Other.Example', 'second.example'], role: 'player', tenants: ['other', 'third'] },
    { who: ['narrow.example'], role: 'administrator', tenants: ['acme'], actions: ['certificate.read'] },
    { who: ['seals.example'], role: 'operator', tenants: ['*'] },
    { who: ['anonymous'], role: 'auditor', tenants: ['acme'] },
    { who: ['User:Alice'], role: 'player', tenants: ['acme'] },
    { who: ['group:auditors', 'user:bob'], role: 'auditor', tenants: ['*'] },
    {
      who: ['group:auditors'],
      role: 'operator',
      tenants: ['third'],
      actions: ['profile.read', 'seal.change'],
    },
  ),
);
test.each<[string, readonly string[], Action, string | undefined, string]>([
  ['what the role has, for its tenant', ['player.acme.example'], 'media.play', 'acme', 'yes'],
  ['for another tenant', ['player.acme.example'], 'media.play', 'other', NO],
  ['for a tenant called *', ['player.acme.example'], 'media.play', '*', NO],
  ['for all tenants at once', ['player.acme.example'], 'media.play', undefined, NO],
  ['for a tenant without a name', ['player.acme.example'], 'media.play', '', NO],
  ['what the role has not', ['player.acme.example'], 'media.play-for-others', 'acme', NO],
  ['by any of its names, in any case', ['localhost', 'SECOND.example'], 'media.play', 'third', 'yes'],
  ['a name in the policy in any case', ['player.other.example'], 'media.play', 'other', 'yes'],
  [
    'two names do not add up to a third',
    ['player.acme.example', 'narrow.example'],
    'certificate.delete',
    'acme',
    NO,
  ],
  ['what a grant leaves of its role', ['narrow.example'], 'certificate.read', 'acme', 'yes'],
  ['what a grant takes from its role', ['narrow.example'], 'certificate.import', 'acme', NO],
  ['any tenant', ['seals.example'], 'certificate.read', 'whichever', 'yes'],
  ['all tenants', ['seals.example'], 'key.restore', undefined, 'yes'],
  ['somebody else', ['stranger.example'], 'media.play', 'acme', NO],
  ['part of a name', ['acme.example'], 'media.play', 'acme', NO],
  ['without a certificate', [], 'seal.read', 'acme', 'yes'],
  ['without a certificate, more', [], 'media.play', 'acme', NO],
  ['with one that says anonymous', ['anonymous'], 'seal.read', 'acme', NO],
  ['a person', ['user:alice'], 'media.play', 'acme', 'yes'],
  ['a person for another tenant', ['user:alice'], 'media.play', 'other', NO],
  ['somebody of a group', ['user:carol', 'group:auditors'], 'audit.read', 'other', 'yes'],
  ['somebody who is called as a group is', ['user:auditors'], 'audit.read', 'other', NO],
  ['a certificate that is called as a person is', ['alice'], 'media.play', 'acme', NO],
  ['a name that every object has', ['constructor'], 'seal.read', 'acme', NO],
])('%s', (_, names, action, tenantId, decision) => {
  expect(decide(mixed, names, action, tenantId)).toBe(decision);
});

test('what somebody may do altogether is what is decided of each action', () => {
  const all = ['recording.read', 'certificate.read', 'profile.read', 'seal.read', 'event.read', 'audit.read'];
  const access = createAccess({ policy: () => mixed, where: 'there' });
  expect(access.actionsFor(['user:alice', 'group:auditors'])).toEqual({
    all,
    tenants: [
      {
        tenantId: 'acme',
        actions: [...['recording.read', 'media.play', 'media.export', 'key.unwrap'], ...all.slice(1)],
      },
      { tenantId: 'third', actions: [...all.slice(0, 4), 'seal.change', ...all.slice(4)] },
    ],
  });
  expect(access.actionsFor(['user:dora'])).toEqual({ all: [], tenants: [] });
  expect(OPEN_ACCESS.actionsFor([])).toEqual({ all: ACTIONS, tenants: [] });
});

test('an empty policy allows nothing', () => {
  expect(decide(parse(grants()), ['administrator'], 'seal.read', undefined)).toBe(NO);
});

test('whoever is refused learns which role would do and where it is granted', () => {
  const access = createAccess({ policy: () => mixed, where: 'in the policy of that server' });
  const refused = (names: readonly string[], action: Action, tenantId?: string) => () =>
    access.authorise(names, action, tenantId);
  expect(refused(['player.acme.example', 'localhost'], 'certificate.import', 'acme')).toThrow(
    expect.objectContaining({
      code: 'PERMISSION_DENIED',
      message: 'player.acme.example may not do certificate.import for tenant acme',
      fix: 'This takes the role administrator: have it granted in the policy of that server, or connect as somebody who has it (docs/access.md).',
      details: { action: 'certificate.import', tenant: 'acme' },
    }),
  );
  expect(refused([], 'key.rewrap')).toThrow(
    expect.objectContaining({
      message: 'A caller without a certificate may not do key.rewrap for all tenants at once',
      fix: expect.stringMatching(/role encryptor:.*connect with a certificate/),
      details: { action: 'key.rewrap' },
    }),
  );
  expect(refused(['a'], 'seal.read')).toThrow(
    expect.objectContaining({ fix: expect.stringContaining('administrator, operator or auditor:') }),
  );
  expect(refused(['user:alice', 'group:players', 'group:x'], 'profile.write', 'acme')).toThrow(
    expect.objectContaining({
      message: 'alice may not do profile.write for tenant acme',
      fix: expect.stringMatching(/role administrator:.*or sign in as somebody who has it/),
    }),
  );
  // What is said comes from here, and not from whoever asks.
  expect(refused(['a'], 'seal.read', '\u001b[31mx')).toThrow(
    expect.objectContaining({ message: 'a may not do seal.read for a tenant that there cannot be' }),
  );
});
