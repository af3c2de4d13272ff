import { temporaryFolder } from '@sealtrack/testkit/temporary-folder';
import type { Command } from 'commander';
import { afterAll, describe, expect, test } from 'vitest';
import { createProgram } from './program.ts';
import { cli } from './testing/run-cli.ts';

const folder = await temporaryFolder();
afterAll(() => folder.remove());

describe('help', () => {
  const io = { stdout: process.stdout, stderr: process.stderr } as unknown as Parameters<
    typeof createProgram
  >[0];
  const leaves = (command: Command, words: string[]): string[][] =>
    command.commands.length === 0
      ? [words]
      : command.commands.flatMap((each) => leaves(each, [...words, each.name()]));
  const commands = leaves(createProgram(io), []);

  test('knows every command that people and tools rely on', () => {
    expect(commands.map((words) => words.join(' '))).toEqual([
      ...['import', 'list', 'show', 'delete', 'approve-deletion', 'restore'].map(
        (name) => `certificates ${name}`,
      ),
      ...['approvers create', 'seal status', 'seal init', 'seal unseal', 'seal rotate', 'seal renew-shares'],
      ...['unseal', 'root rotate', 'keys backup', 'keys verify-backup', 'keys restore'],
      ...['create', 'assign', 'succeed', 'set', 'list', 'show', 'delete', 'rollout', 'export', 'import'].map(
        (name) => `profiles ${name}`,
      ),
      ...['show', 'assign', 'remove', 'succeed', 'set'].map((name) => `screen-certificates ${name}`),
      ...['put', 'list', 'show', 'get', 'splice', 'inspect', 'waveform'].map((name) => `recordings ${name}`),
      ...['access check', 'access show', 'audit verify', 'audit search', 'audit export', 'events tail'],
      ...['captures dead-letters', 'captures retry', 'bus prepare', 'doctor'],
      ...['inspect', 'open', 'verify', 'splice', 'unsplice', 'rewrap', 'import', 'scrub'].map(
        (name) => `envelope ${name}`,
      ),
      ...['create-issuer', 'create', 'inspect'].map((name) => `tickets ${name}`),
      ...['create-ca', 'create-intermediate', 'create-cert', 'sign-csr', 'verify', 'import', 'renew'].map(
        (name) => `tls ${name}`,
      ),
      ...['revoke', 'crl', 'list', 'bootstrap', 'convert-key', 'pfx'].map((name) => `tls ${name}`),
    ]);
  });

  test.each(commands.map((words) => [words.join(' ')]))('%s --help ends with an example', async (words) => {
    const { code, text } = await cli([...words.split(' '), '--help']);
    expect(code).toBe(0);
    const [help, examples] = text.split('\nExample:\n');
    expect(help).toContain(`Usage: sealtrack ${words}`);
    for (const line of (examples ?? '').trimEnd().split('\n'))
      expect(line).toMatch(/^ {2}\$ (sealtrack|openssl) /);
  });

  test('says what the exit codes mean', async () => {
    const { code, text } = await cli(['--help']);
    expect(code).toBe(0);
    for (const number of ['0', '1', '2', '3']) expect(text).toMatch(new RegExp(`^  ${number}  `, 'm'));
  });
});

describe('wrong usage', () => {
  test.each([
    [['frobnicate'], "unknown command 'frobnicate'", 'sealtrack --help'],
    [['recordings', 'ptu'], "unknown command 'ptu'", 'sealtrack recordings --help'],
    [['recordings', 'get'], "missing required argument 'recording'", 'sealtrack recordings get --help'],
    [['profiles', 'set', '101'], 'Nothing is to be changed', '--policy'],
    [['profiles', 'assign', '101'], '--none', 'certificates list'],
    [['profiles', 'assign', '101', 'x', '--media-type', 'fax'], 'Allowed choices', 'profiles assign --help'],
    [['profiles', 'succeed', '1', 'a', 'b', '--from', 'soon'], 'with its offset', 'profiles succeed --help'],
    [['screen-certificates', 'set'], '--none', 'screen-certificates show'],
    [['profiles', 'create', '101'], '--name', 'sealtrack profiles create --help'],
    [['recordings', 'list', '--limit', 'few'], 'whole number', 'sealtrack recordings list --help'],
    [
      ['recordings', 'put', 'x', '--profile', '101', '--via', 'pigeon'],
      'Allowed choices',
      'recordings put --help',
    ],
    [['recordings', 'get', 'a', '--range', '9-3'], 'OFFSET-END', 'sealtrack recordings get --help'],
    [['recordings', 'put', 'x', '--profile', 'sales'], 'profile_id is malformed', '101'],
    [['--tenant', 'No Such', 'recordings', 'list'], 'tenant_id is malformed', 'demo'],
    [['recordings', 'put', 'no-such-file', '--profile', '101'], 'there is no such file', 'Give the path'],
    [['captures', 'retry'], 'Say which captures', '--all'],
  ])('%j', async (args, message, fix) => {
    const { code, text, stderr } = await cli(args);
    expect(code).toBe(2);
    expect(text).toBe('');
    const [error = '', next = '', ...more] = stderr.trimEnd().split('\n');
    expect(error).toMatch(/^error: /);
    expect(error).toContain(message);
    expect(next).toMatch(/^fix: /);
    expect(next).toContain(fix);
    expect(more).toEqual([]);
  });

  test('is JSON on stderr for programs', async () => {
    const { code, text, stderr } = await cli(['profiles', 'create', '101', '--json']);
    expect(code).toBe(2);
    expect(text).toBe('');
    expect(JSON.parse(stderr)).toEqual({
      error: {
        code: 'INVALID_ARGUMENT',
        message: expect.stringContaining('--name'),
        fix: 'See what it takes: sealtrack profiles create --help',
        details: {},
      },
    });
  });

  test.each([['--password', 'hunter2'], ['--password=hunter2'], ['--password']])(
    'a password on the command line is refused: %s',
    async (...given) => {
      const args = ['certificates', 'import', '--cert', 'c.pem', '--key', 'k.pem', ...given];
      const { code, stderr } = await cli(args);
      expect(code).toBe(2);
      expect(stderr).toContain('--password-file');
      expect(stderr).not.toContain('hunter2');
    },
  );
});

describe('a service that is not there', () => {
  test('is exit code 3, with its address', async () => {
    const { code, stderr } = await cli(['certificates', 'list', '--crypto-address', '127.0.0.1:1', '--json']);
    expect(code).toBe(3);
    expect(JSON.parse(stderr)).toMatchObject({
      error: { code: 'SERVICE_UNAVAILABLE', message: expect.stringContaining('127.0.0.1:1') },
    });
  });

  test('is exit code 3 for the bus as well', async () => {
    const { code, stderr } = await cli(['events', 'tail']);
    expect(code).toBe(3);
    expect(stderr).toContain('127.0.0.1:1');
  });
});

test('a command that is interrupted says nothing and has the code of its signal', async () => {
  const { Interrupted } = await import('./io.ts');
  const signal = AbortSignal.abort(new Interrupted('Stopped by SIGINT', 130));
  const { code, stderr } = await cli(['certificates', 'list'], { signal });
  expect(code).toBe(130);
  expect(stderr).toBe('');
});
