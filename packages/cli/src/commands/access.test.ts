import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { temporaryFolder } from '@sealtrack/testkit/temporary-folder';
import { afterAll, expect, test } from 'vitest';
import { cli } from '../testing/run-cli.ts';

const folder = await temporaryFolder();
afterAll(() => folder.remove());
const file = (name: string, content: unknown): string => {
  writeFileSync(join(folder.path, name), JSON.stringify(content));
  return name;
};
const run = (line: string, env: Record<string, string> = {}) =>
  cli(line.split(' '), { cwd: folder.path, env });

const policy = file('policy.json', {
  version: 1,
  grants: [
    { who: ['Player.acme.example'], role: 'player', tenants: ['acme'], actions: ['media.play'] },
    { who: ['anonymous', 'ops.example'], role: 'auditor', tenants: ['*'] },
    { who: ['group:supervisors', 'user:Alice'], role: 'player', tenants: ['acme'], actions: ['media.play'] },
  ],
});

test.each([
  ['player.acme.example --action media.play --tenant acme', 0],
  ['other.example PLAYER.acme.example --action media.play --tenant acme', 0],
  ['player.acme.example --action media.play --tenant other', 1],
  ['player.acme.example --action media.export --tenant acme', 1],
  ['player.acme.example --action media.play --tenant acme --all-tenants', 1],
  ['anonymous --action seal.read --all-tenants', 0],
  ['anonymous --action seal.change --all-tenants', 1],
  ['user:bob group:supervisors --action media.play --tenant acme', 0],
  ['user:alice --action media.play --tenant acme', 0],
  ['user:bob --action media.play --tenant acme', 1],
])('check --as %s: exit code %i', async (question, code) => {
  const answer = await run(`access check --policy ${policy} --json --as ${question}`);
  expect(answer).toMatchObject({ code, stderr: '' });
  expect(answer.json()).toEqual([
    expect.objectContaining({
      allowed: code === 0,
      ...(code === 1 && { fix: expect.stringContaining('This takes the role ') }),
    }),
  ]);
});

test('show writes the actions of roles out, of the policy that the environment names', async () => {
  const { code, stderr, json } = await run('access show --json', { SEALTRACK_ACCESS_POLICY: policy });
  expect([code, stderr]).toEqual([0, '']);
  expect(json()).toEqual([
    { who: ['player.acme.example'], role: 'player', tenants: ['acme'], actions: ['media.play'] },
    {
      ...{ who: ['anonymous', 'ops.example'], role: 'auditor', tenants: ['*'] },
      actions: [
        'recording.read',
        'certificate.read',
        'profile.read',
        'seal.read',
        'event.read',
        'audit.read',
      ],
    },
    {
      ...{ who: ['group:supervisors', 'user:alice'], role: 'player', tenants: ['acme'] },
      actions: ['media.play'],
    },
  ]);
});

test('without a policy it is the built-in one, and it says so', async () => {
  const { code, text, stderr } = await run('access show');
  expect([code, stderr]).toEqual([0, expect.stringContaining('built-in')]);
  expect(text).toMatch(/^administrator +administrator +all +.*certificate\.import/m);
});

test('a file that is no policy is an error that says everything that is wrong with it', async () => {
  const name = file('wrong.json', { version: 1, grants: [{ who: ['a'], role: 'king', tenants: [] }] });
  const { code, stderr } = await run(`access show --policy ${name}`);
  expect(code).toBe(1);
  expect(stderr).toMatch(
    /wrong\.json is no policy: grants\.0\.role is none of .*; grants\.0\.tenants is no list/,
  );
});
