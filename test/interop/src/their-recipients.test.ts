import { describe, expect, test } from 'vitest';
import { plaintextOf } from './testing/media.ts';
import { openForeign } from './testing/open-foreign.ts';
import { createOwners } from './testing/owners.ts';
import { createWorkbench } from './testing/workbench.ts';

const bench = await createWorkbench();
const [anna, bert] = await createOwners(bench, [2048, 3072]);
const plaintext = plaintextOf(20_000);
const input = bench.write(plaintext);

async function encrypt(...args: readonly string[]): Promise<Buffer> {
  const output = bench.fresh();
  const common = ['-encrypt', '-binary', '-in', input, '-outform', 'DER', '-out', output];
  await bench.openssl('cms', ...common, ...args);
  return bench.read(output);
}

const oaep = (...options: readonly string[]): string[] =>
  ['padding_mode:oaep', ...options].flatMap((option) => ['-keyopt', `rsa_${option}`]);
const to = ({ certificateFile }: { certificateFile: string }): string[] => ['-recip', certificateFile];

describe.each(['-aes-256-cbc', '-aes-256-gcm'])('%s, its key encrypted', (cipher) => {
  test.each([
    ['with OAEP and its defaults', []],
    ['with OAEP and SHA-1', ['oaep_md:sha1']],
    ['with OAEP and SHA-224', ['oaep_md:sha224']],
    ['with OAEP and SHA-256', ['oaep_md:sha256']],
    ['with OAEP and SHA-384', ['oaep_md:sha384']],
    ['with OAEP and SHA-512', ['oaep_md:sha512']],
    ['with OAEP and a label', ['oaep_md:sha256', 'oaep_label:0123456789abcdef']],
  ])('%s', async (_, options) => {
    const file = await encrypt(cipher, ...to(anna), ...oaep(...options));
    expect((await openForeign(file, anna)).equals(plaintext)).toBe(true);
  });

  test('for one with OAEP and for another without', async () => {
    const file = await encrypt(cipher, ...to(anna), ...oaep('oaep_md:sha256'), ...to(bert));
    for (const owner of [anna, bert]) expect((await openForeign(file, owner)).equals(plaintext)).toBe(true);
  });

  test.each([[], ['-stream']])('for certificates named by key identifier %s', async (...stream) => {
    const file = await encrypt(cipher, '-keyid', ...stream, ...to(anna), ...to(bert), ...oaep());
    for (const owner of [anna, bert]) expect((await openForeign(file, owner)).equals(plaintext)).toBe(true);
  });

  test('with two hashes in one OAEP is refused as a recipient that cannot be served', async () => {
    const file = await encrypt(cipher, ...to(anna), ...oaep('oaep_md:sha256', 'mgf1_md:sha1'));
    await expect(openForeign(file, anna)).rejects.toMatchObject({
      name: 'AppError',
      fix: expect.any(String),
    });
  });
});

describe('recipients of other kinds', () => {
  const others = ['-secretkey', '000102030405060708090a0b0c0d0e0f', '-secretkeyid', '01'];

  test('are passed over: a key agreement, a shared key, a password', async () => {
    const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-keyout', 'ec.key'];
    await bench.openssl('req', '-x509', ...key, '-subj', '/CN=curve', '-days', '30', '-out', 'ec.pem');
    const mixed = ['-recip', 'ec.pem', ...others, '-pwri_password', 'secret', ...to(anna), ...to(bert)];
    const file = await encrypt('-aes-256-cbc', ...mixed);
    for (const owner of [anna, bert]) expect((await openForeign(file, owner)).equals(plaintext)).toBe(true);
  });

  test('alone do not open, and say why', async () => {
    const file = await encrypt('-aes-256-gcm', ...others);
    await expect(openForeign(file, anna)).rejects.toMatchObject({ code: 'KEY_NOT_HELD' });
  });

  test('a certificate that it is not for does not open it, whatever the key', async () => {
    for (const names of [[], ['-keyid']]) {
      const file = await encrypt('-aes-256-cbc', ...names, ...to(anna));
      const stranger = { ...anna, certificate: bert.certificate };
      await expect(openForeign(file, stranger)).rejects.toMatchObject({ code: 'KEY_NOT_HELD' });
    }
  });
});
