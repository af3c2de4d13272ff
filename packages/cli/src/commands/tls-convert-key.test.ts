import { createPrivateKey } from 'node:crypto';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { createWorkshop } from '@sealtrack/certificates/testing/workshop';
import { afterAll, describe, expect, test } from 'vitest';
import { type CliOptions, cli } from '../testing/run-cli.ts';

const shop = createWorkshop();
afterAll(() => shop.remove());

shop.openssl('req -x509 -newkey rsa:2048 -nodes -keyout rsa.pem -subj /CN=it -days 30 -out rsa.crt');
shop.openssl('genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out ec.pem');
shop.openssl('rsa -in rsa.pem -traditional -out old.pem');
shop.openssl('pkcs8 -topk8 -in rsa.pem -passout pass:secret -out sealed.pem');
shop.openssl('pkcs12 -export -in rsa.crt -inkey rsa.pem -passout pass:secret -out it.pfx');
shop.openssl('pkcs12 -export -nokeys -in rsa.crt -passout pass:secret -out keyless.pfx');
shop.write('password', 'secret\n');
shop.write('other', 'other\n');

const expected = createPrivateKey(shop.read('rsa.pem'));
let files = 0;
async function convert(args: string, options: CliOptions = {}) {
  const out = `${files++}.out`;
  const all = ['tls', 'convert-key', ...`--out ${out} ${args}`.split(' ')];
  const result = await cli(all, { cwd: shop.path, ...options });
  const exists = readdirSync(shop.path).includes(out);
  return { ...result, path: join(shop.path, out), written: exists ? shop.read(out) : undefined };
}
const PASSWORD = '--password-file password';

describe('tls convert-key', () => {
  test.each([
    ['PFX', `--in it.pfx ${PASSWORD}`],
    ['PFX, which it has to be', `--in it.pfx --in-format pfx ${PASSWORD}`],
    ['PFX by its other name', `--in it.pfx --in-format pkcs12 ${PASSWORD}`],
    ['PKCS#8', '--in rsa.pem --in-format pkcs8'],
    ['PKCS#8, encrypted', `--in sealed.pem --in-format pkcs8 ${PASSWORD}`],
    ['RSA', '--in old.pem --in-format rsa'],
  ])('takes %s and writes both forms, for nobody else to read', async (_what, args) => {
    for (const [format, label] of [
      ['pkcs8', 'PRIVATE KEY'],
      ['rsa', 'RSA PRIVATE KEY'],
    ]) {
      const { code, written, path, stderr, text } = await convert(`${args} --out-format ${format}`);
      expect({ code, text }).toEqual({ code: 0, text: expect.stringContaining(`Wrote ${path}`) });
      expect(written?.toString()).toMatch(new RegExp(`^-----BEGIN ${label}-----\n`));
      expect(createPrivateKey(written ?? '').equals(expected)).toBe(true);
      expect(statSync(path).mode & 0o777).toBe(0o600);
      // That it is in the clear now is news only if it was not before.
      expect(stderr.includes('is not encrypted')).toBe(args.includes(PASSWORD));
    }
  });

  test('says of an EC key that was encrypted the old way that it is in the clear now', async () => {
    shop.openssl('ec -in ec.pem -aes128 -passout pass:secret -out sealed-ec.pem');
    expect(shop.read('sealed-ec.pem').toString()).toMatch(
      /BEGIN EC PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED/,
    );
    const { stderr, written } = await convert(`--in sealed-ec.pem --out-format pkcs8 ${PASSWORD}`);
    expect(stderr).toContain('is not encrypted');
    expect(written).toEqual(shop.read('ec.pem'));
    expect((await convert('--in ec.pem --out-format pkcs8')).stderr).toBe('');
  });

  test('encrypts with the password that opened it, or with another one', async () => {
    const args = '--in sealed.pem --out-format pkcs8 --encrypt --json';
    const same = await convert(`${args} ${PASSWORD}`);
    expect(same.json()).toEqual([
      { file: same.path, format: 'pkcs8', encrypted: true, keyType: 'rsa', keyBits: 2048 },
    ]);
    const env = { SEALTRACK_KEY_PASSWORD: 'secret', SEALTRACK_NEW_KEY_PASSWORD: 'other' };
    for (const [made, password] of [
      [same, 'secret'],
      [await convert(`${args} ${PASSWORD} --new-password-file other`), 'other'],
      [await convert(args, { env }), 'other'],
      [await convert(args, { typed: 'secret\rother\rother\r' }), 'other'],
      [await convert('--in ec.pem --out-format pkcs8 --encrypt --password-file other'), 'other'],
    ] as const) {
      expect(made.code).toBe(0);
      expect(made.written?.toString()).toMatch(/^-----BEGIN ENCRYPTED PRIVATE KEY-----\n/);
      const open = (passphrase: string) => createPrivateKey({ key: made.written ?? '', passphrase });
      expect(open(password)).toBeDefined();
      // Each takes a quarter of a second.
      if (made === same) expect(() => open('wrong')).toThrow();
      expect(made.text + made.stderr).not.toMatch(/secret|other/);
    }
  });

  test('asks for a new password until it was typed twice the same', async () => {
    const { code, stderr } = await convert('--in rsa.pem --out-format pkcs8 --encrypt', {
      typed: 'one\rtwo\r\rgood\rgood\r',
    });
    expect(code).toBe(0);
    expect(stderr).toMatch(
      /^New password of .*: \nThe same again: \nThey are not the same\.\nNew password of .*: \nIt is empty\./,
    );
  });

  test.each([
    [
      'of an encrypted key without its password',
      '--in sealed.pem',
      'is encrypted with a password',
      /password/i,
    ],
    [
      'of an encrypted key with another password',
      '--in sealed.pem --password-file other',
      'does not open with this password',
      /Check the password/,
    ],
    ['of a PFX without a key', `--in keyless.pfx ${PASSWORD}`, 'holds no private key', /together with/],
    ['of a certificate', '--in rsa.crt', 'holds a certificate and no private key', /the private key/],
    ['of two keys', '--in two.pem', 'holds 2 private keys', /one of them/],
    [
      'in another format than it has to be',
      '--in old.pem --in-format pfx',
      'not in the format pfx',
      /--in-format/,
    ],
    ['of a file that is not there', '--in nowhere.pem', 'there is no such file', /path/],
    ['encrypted with nothing', '--in rsa.pem --encrypt', 'no password to encrypt', /--new-password-file/],
    [
      'encrypted with an empty file',
      '--in rsa.pem --encrypt --password-file empty',
      'no password in',
      /file/,
    ],
  ])('writes nothing %s, and says what to do', async (_what, args, message, fix) => {
    shop.write('two.pem', Buffer.concat([shop.read('rsa.pem'), shop.read('ec.pem')]));
    shop.write('empty', '\n');
    const { code, written, stderr } = await convert(`${args} --out-format pkcs8`);
    expect({ code: code > 0, written }).toEqual({ code: true, written: undefined });
    expect(stderr).toContain(message);
    expect(stderr).toMatch(new RegExp(`\nfix: .*${fix.source}`, 'i'));
  });

  test('knows that the format rsa is for RSA keys, and that its encryption protects nothing', async () => {
    const ec = await convert('--in ec.pem --out-format rsa');
    expect(ec.stderr).toMatch(/EC .*for RSA keys\nfix: .*pkcs8/);
    const sealed = await convert(`--in rsa.pem --out-format rsa --encrypt ${PASSWORD}`);
    expect(sealed.stderr).toMatch(/unsafe way only\nfix: .*--out-format pkcs8/);
    expect([ec.written, sealed.written]).toEqual([undefined, undefined]);
  });

  test('replaces a file by force only, and never the key that it reads', async () => {
    shop.write('there.pem', 'precious');
    const to = (out: string, ...more: string[]) =>
      cli(['tls', 'convert-key', '--in', 'rsa.pem', '--out', out, '--out-format', 'rsa', ...more], {
        cwd: shop.path,
      });
    expect((await to('there.pem')).stderr).toContain('already there');
    expect(shop.read('there.pem').toString()).toBe('precious');
    expect((await to('there.pem', '--force')).code).toBe(0);
    expect(createPrivateKey(readFileSync(join(shop.path, 'there.pem'))).equals(expected)).toBe(true);
    expect((await to('rsa.pem', '--force')).stderr).toContain('is the private key that is read');
    expect(createPrivateKey(shop.read('rsa.pem')).equals(expected)).toBe(true);
    expect(readdirSync(shop.path).filter((name) => name.includes('partial'))).toEqual([]);
  });
});
