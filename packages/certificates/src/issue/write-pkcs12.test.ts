import { createPrivateKey, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { afterAll, describe, expect, test } from 'vitest';
import { readAnyPrivateKey } from '../any-private-key.ts';
import { pemBlocks } from '../pem.ts';
import { readPrivateKeyFile } from '../private-key-file.ts';
import { createWorkshop, hasTool } from '../testing/workshop.ts';
import { PKCS12_PROFILES, type Pkcs12Profile, writePkcs12 } from './write-pkcs12.ts';
import { writePkcs1, writePkcs8 } from './write-private-key.ts';

const shop = createWorkshop();
afterAll(() => shop.remove());

const P256 = '-pkeyopt ec_paramgen_curve:P-256';
shop.openssl(`req -x509 -newkey ec ${P256} -nodes -keyout ca.key -subj /CN=CA -days 30 -out ca.crt`);
function certified(name: string, algorithm: string): void {
  shop.openssl(`req -new -newkey ${algorithm} -nodes -keyout ${name}.key -subj /CN=${name} -out ${name}.csr`);
  shop.openssl(
    `x509 -req -in ${name}.csr -CA ca.crt -CAkey ca.key -CAcreateserial -days 30 -out ${name}.crt`,
  );
}
certified('ec', `ec ${P256}`);
certified('rsa', 'rsa:2048');

const keyOf = (name: string): KeyObject => createPrivateKey(shop.read(`${name}.key`));
const derOf = (name: string): Buffer => pemBlocks(shop.read(`${name}.crt`))[0]?.content ?? Buffer.alloc(0);

/** Of the same key and chain, with all that PKCS#12 can say of them. */
const write = (profile: Pkcs12Profile, password: string, name = 'ec'): Promise<Buffer> =>
  writePkcs12(
    {
      privateKey: keyOf(name),
      certificate: derOf(name),
      chain: [derOf(name), derOf('ca')],
      friendlyName: 'Hörer 1',
      profile,
    },
    Buffer.from(password),
  );

const PASSWORDS = { ascii: 'correct-horse', 'not ASCII': 'Grüße-€-пароль', none: '' } as const;
type Words = keyof typeof PASSWORDS;
const EVERY = PKCS12_PROFILES.flatMap((profile) =>
  (Object.keys(PASSWORDS) as Words[]).map((words) => [profile, words] as const),
);
/** Those with ASCII passwords are tried in test/interop, with Java's keytool as well; and every modern one takes its time. */
const HARD = EVERY.filter(([profile, words]) => words !== 'ascii' && `${profile} ${words}` !== 'modern none');
const files = new Map<string, Buffer>();
for (const [profile, words] of EVERY)
  files.set(`${profile} ${words}`, await write(profile, PASSWORDS[words]));

const given = (profile: string, words: Words): string => {
  shop.write('it.p12', files.get(`${profile} ${words}`) ?? '');
  shop.write('password', PASSWORDS[words]);
  return PASSWORDS[words];
};
const ONE_EACH = { key: 1, certificates: 2 };
const counted = (text: string) => ({
  key: (text.match(/BEGIN (ENCRYPTED )?PRIVATE KEY/g) ?? []).length,
  certificates: (text.match(/BEGIN CERTIFICATE/g) ?? []).length,
});

describe('a PKCS#12 file is opened by', () => {
  test.each(EVERY)('us: %s, password %s', async (profile, words) => {
    const file = files.get(`${profile} ${words}`) ?? Buffer.alloc(0);
    const read = await readAnyPrivateKey(file, Buffer.from(PASSWORDS[words]));
    expect(read.privateKey.equals(keyOf('ec'))).toBe(true);
    expect(read.certificates.map(String)).toEqual([derOf('ec'), derOf('ca')].map(String));
  });

  test('nobody with another password', async () => {
    const file = files.get('windows-legacy ascii') ?? Buffer.alloc(0);
    await expect(readAnyPrivateKey(file, Buffer.from('wrong'))).rejects.toMatchObject({
      code: 'PRIVATE_KEY_PASSWORD_WRONG',
    });
  });

  test.each(EVERY)('openssl pkcs12: %s, password %s', (profile, words) => {
    given(profile, words);
    const args = 'pkcs12 -in it.p12 -passin file:password -nodes -info';
    // openssl takes an empty file for no password at all, and an argument for an empty one.
    const text = words === 'none' ? shop.openssl(args.replace('file:password', 'pass:')) : shop.openssl(args);
    expect(counted(text)).toEqual(ONE_EACH);
    expect(text.match(/localKeyID: /g)).toHaveLength(2);
    expect(text.match(/friendlyName: /g)).toHaveLength(2);
  });

  test.skipIf(!hasTool('certtool')).each(HARD)('certtool: %s, password %s', (profile, words) => {
    const password = given(profile, words);
    const args = ['--p12-info', '--inder', '--infile', 'it.p12', '--password', password];
    const text = shop.run('certtool', args);
    expect(counted(text)).toEqual(ONE_EACH);
    expect(text).toContain('Friendly name: Hörer 1');
  });

  const hasNss = hasTool('pk12util') && hasTool('certutil');
  test.skipIf(!hasNss).each(HARD)('pk12util, into the store of NSS: %s, password %s', (profile, words) => {
    const password = given(profile, words);
    const store = ['-d', `${profile}-${words}`.replaceAll(' ', '-')];
    shop.run('mkdir', store.slice(1));
    shop.run('certutil', ['-N', ...store, '--empty-password']);
    const imported = shop.run('pk12util', ['-i', 'it.p12', ...store, '-W', password]);
    expect(imported).toContain('SUCCESSFUL');
    expect(shop.run('certutil', ['-K', ...store])).toContain('Hörer 1');
    expect(shop.run('certutil', ['-L', ...store])).toMatch(/Hörer 1 +u,u,u/);
  });

  test('us as a file of an RSA key for recordings', async () => {
    const file = await write('windows-legacy', 'x', 'rsa');
    const { leaf, chain } = await readPrivateKeyFile(file, Buffer.from('x'));
    expect(leaf?.subject).toBe('CN=rsa');
    expect(chain).toHaveLength(1);
  });
});

test('each profile protects as it says', () => {
  const info = (profile: Pkcs12Profile): string => {
    given(profile, 'ascii');
    // It says this on standard error.
    return shop.run('sh', ['-c', 'openssl pkcs12 -in it.p12 -passin file:password -noout -info 2>&1']);
  };
  const modern = info('modern');
  expect(modern).toContain('MAC: sha256, Iteration 100000');
  const AES = 'PBES2, PBKDF2, AES-256-CBC, Iteration 100000, PRF hmacWithSHA256';
  expect(modern).toContain(`PKCS7 Encrypted data: ${AES}`);
  expect(modern).toContain(`Shrouded Keybag: ${AES}`);
  const legacy = info('windows-legacy');
  expect(legacy).toContain('MAC: sha1, Iteration 2048');
  expect(legacy).toContain('PKCS7 Encrypted data: pbeWithSHA1And3-KeyTripleDES-CBC, Iteration 2048');
  expect(legacy).toContain('Shrouded Keybag: pbeWithSHA1And3-KeyTripleDES-CBC, Iteration 2048');
});

test('two files of the same are not the same, and nobody sees the key in them', async () => {
  const [one, other] = [await write('windows-legacy', 'x'), await write('windows-legacy', 'x')];
  expect(one.equals(other)).toBe(false);
  const secret = Buffer.from(keyOf('ec').export({ format: 'jwk' }).d ?? '', 'base64url');
  expect(secret).toHaveLength(32);
  expect(one.includes(secret)).toBe(false);
});

test('a name that is too long for a key store is refused', async () => {
  const wanted = { privateKey: keyOf('ec'), certificate: derOf('ec'), chain: [], profile: 'modern' } as const;
  await expect(
    writePkcs12({ ...wanted, friendlyName: 'x'.repeat(256) }, Buffer.from('x')),
  ).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' });
});

describe('a private key alone', () => {
  test('encrypted: OpenSSL opens it, and so do we', async () => {
    const pem = await writePkcs8(keyOf('ec'), Buffer.from('Grüße'));
    expect(pem.toString()).toMatch(/^-----BEGIN ENCRYPTED PRIVATE KEY-----\n/);
    shop.write('key.pem', pem);
    expect(shop.openssl('pkey -in key.pem -passin pass:Grüße -check -noout')).toContain('Key is valid');
    expect(shop.openssl('asn1parse -in key.pem')).toMatch(/PBES2[\s\S]*INTEGER +:0927C0[\s\S]*aes-256-cbc/);
    const read = await readAnyPrivateKey(pem, Buffer.from('Grüße'));
    expect(read.privateKey.equals(keyOf('ec'))).toBe(true);
  });

  test('in the clear: the very bytes that OpenSSL writes', async () => {
    for (const name of ['rsa', 'ec']) expect(await writePkcs8(keyOf(name))).toEqual(shop.read(`${name}.key`));
    shop.openssl('rsa -in rsa.key -traditional -out old.key');
    expect(writePkcs1(keyOf('rsa'))).toEqual(shop.read('old.key'));
  });

  test('an EC key is no RSA key', () => {
    expect(() => writePkcs1(generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey)).toThrowError(
      expect.objectContaining({ code: 'PRIVATE_KEY_INVALID', message: expect.stringContaining('EC') }),
    );
  });
});
