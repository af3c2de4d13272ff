import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { temporaryFolder } from '@sealtrack/testkit/temporary-folder';
import { afterAll, describe, expect, test } from 'vitest';
import { cli } from '../testing/run-cli.ts';

const folder = await temporaryFolder();
afterAll(() => folder.remove());
const run = (args: readonly string[], options: object = {}) => cli(args, { cwd: folder.path, ...options });
const ISSUER = 'crm.acme.example';
const issuer = (...more: string[]) =>
  run([
    'tickets',
    'create-issuer',
    '--issuer',
    ISSUER,
    '--tenant',
    'acme',
    '--out',
    'tickets',
    ...more,
    '--json',
  ]);
interface Made {
  readonly kid: string;
  readonly keyFile: string;
  readonly issuersFile: string;
}
const [first] = (await issuer()).json() as [Made];
const issuers = () => JSON.parse(readFileSync(first.issuersFile, 'utf8'));

const create = (key: string, ...more: string[]) =>
  run([
    ...['tickets', 'create', '--key', key, '--issuer', ISSUER, '--tenant', 'acme', '--recording', 'rec-1'],
    ...more,
  ]);
const inspect = (ticket: string, ...more: string[]) =>
  run(['tickets', 'inspect', '-', ...more], { stdin: [Buffer.from(`${ticket}\n`)] });
const verifying = ['--issuers', 'tickets/ticket-issuers.json', '--json'];

describe('an issuer', () => {
  test('has a key that only its owner reads, and its public half in the file for crypto servers', () => {
    expect(readdirSync(join(folder.path, 'tickets')).toSorted()).toEqual([
      'ticket-issuers.json',
      `ticket-key-${first.kid}.pem`,
    ]);
    expect(statSync(first.keyFile).mode & 0o777).toBe(0o600);
    expect(statSync(first.issuersFile).mode & 0o777).toBe(0o644);
    const [entry] = issuers().issuers;
    expect(entry).toEqual({
      ...{ id: ISSUER, tenants: ['acme'] },
      keys: [{ kid: first.kid, kty: 'EC', crv: 'P-256', x: expect.any(String), y: expect.any(String) }],
    });
  });

  test('gets one more key, and both are good; what else is in the file stays', async () => {
    const other = await run([
      'tickets',
      'create-issuer',
      '--issuer',
      'qm',
      '--out',
      'tickets',
      '--all-tenants',
    ]);
    expect(other.text).toContain('SEALTRACK_TICKET_ISSUERS');
    const [second] = (await issuer()).json() as [Made];
    expect(issuers().issuers).toMatchObject([
      { id: 'qm', tenants: ['*'], keys: [{}] },
      { id: ISSUER, tenants: ['acme'], keys: [{ kid: first.kid }, { kid: second.kid }] },
    ]);
    for (const { keyFile } of [first, second]) {
      const ticket = (await create(keyFile)).text.trim();
      expect((await inspect(ticket, ...verifying)).json()).toMatchObject([
        { isVerified: true, isExpired: false },
      ]);
    }
  });

  test('is not added to a file that is something else', async () => {
    writeFileSync(join(folder.path, 'ticket-issuers.json'), '{"keys": []}');
    const refused = await run(['tickets', 'create-issuer', '--issuer', ISSUER, '--out', '.']);
    expect(refused).toMatchObject({
      code: 2,
      text: '',
      stderr: expect.stringContaining('no file of ticket issuers'),
    });
    expect(readdirSync(folder.path).filter((name) => name.endsWith('.pem'))).toEqual([]);
  });
});

describe('a ticket', () => {
  test('says what was asked for', async () => {
    const more = [
      '--media',
      'screen',
      '--action',
      'export',
      '--user',
      'anna',
      '--for',
      '2m',
      '--address',
      '192.0.2.7',
    ];
    const [made] = (await create(first.keyFile, ...more, '--json')).json() as [Record<string, string>];
    expect(made).toMatchObject({
      action: 'export',
      user: 'anna',
      mediaId: 'screen',
      address: '192.0.2.7',
      kid: first.kid,
    });
    const [said] = (await inspect(made?.ticket ?? '', ...verifying)).json() as [
      { claims: Record<string, number> },
    ];
    expect(said).toMatchObject({
      header: { alg: 'ES256', kid: first.kid, typ: 'sealtrack-ticket+jwt' },
      ...{ isExpired: false, isVerified: true },
      claims: {
        ...{ iss: ISSUER, sub: 'anna', aud: 'sealtrack', jti: made?.ticketId, act: 'export' },
        ...{ tenant: 'acme', recording: 'rec-1', media: 'screen', addr: '192.0.2.7' },
      },
    });
    expect((said?.claims.exp ?? 0) - (said?.claims.iat ?? 0)).toBe(120);
  });

  test('is printed by itself, or as the address that plays it', async () => {
    const alone = await create(first.keyFile, '--user', 'anna');
    expect(alone.text).toMatch(/^[\w-]+\.[\w-]+\.[\w-]+\n$/);
    const url = await create(first.keyFile, '--playback-url', 'https://play.acme.example/');
    expect(url.text).toMatch(
      /^https:\/\/play\.acme\.example\/v1\/recordings\/rec-1\/media\/main\?ticket=[\w.-]+\n$/,
    );
  });

  test('is shown to people, who are told that nobody has verified it', async () => {
    const ticket = (await create(first.keyFile, '--user', 'anna')).text.trim();
    const { code, text } = await run(['tickets', 'inspect', ticket]);
    expect(code).toBe(0);
    expect(text).toMatch(/sub +anna\n/);
    expect(text).toMatch(/exp +\d+ \(20\d\d-/);
    expect(text).toMatch(/It has not expired\.\nNot verified: anybody could have written this/);
  });

  test('that is none, or is changed, or of somebody else, is refused with the reason', async () => {
    const ticket = (await create(first.keyFile)).text.trim();
    const [header, claims] = ticket.split('.');
    const strange = (await create(first.keyFile, '--kid', 'other')).text.trim();
    for (const [text, reason] of [
      ['hello', 'malformed'],
      [`${header}.${claims}.${Buffer.alloc(64, 1).toString('base64url')}`, 'bad-signature'],
      [strange, 'bad-signature'],
    ] as const) {
      const { code, stderr } = await inspect(text, ...verifying);
      expect(code).not.toBe(0);
      expect(JSON.parse(stderr)).toMatchObject({ error: { code: 'TICKET_INVALID', details: { reason } } });
      if (claims !== undefined) expect(stderr).not.toContain(claims);
    }
  });

  test.each([
    ['--for', '25h', 'a day at most'],
    ['--for', '10', 'Give how long'],
    ['--address', 'localhost', 'IP address'],
    ['--playback-url', 'play.acme.example', 'https://'],
    ['--action', 'delete', 'play, export'],
    ['--recording', 'a/b', 'recording_id'],
  ])('is not made with %s %s', async (option, value, says) => {
    const { code, text, stderr } = await create(first.keyFile, option, value);
    expect(code).not.toBe(0);
    expect([text, stderr]).toEqual(['', expect.stringContaining(says)]);
  });
});
