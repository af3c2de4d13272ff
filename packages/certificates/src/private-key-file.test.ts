import { createPrivateKey } from 'node:crypto';
import { afterAll, describe, expect, test } from 'vitest';
import { readPrivateKeyFile } from './private-key-file.ts';
import { createWorkshop, hasTool } from './testing/workshop.ts';

const shop = createWorkshop();
afterAll(() => shop.remove());

const PASSWORD = 'correct-horse';
const LEGACY = '-provider legacy -provider default';

// A leaf, and the CA that issued it.
shop.openssl('req -x509 -newkey rsa:2048 -nodes -keyout ca.key -subj /CN=CA -days 30 -out ca.crt');
shop.openssl('req -newkey rsa:2048 -nodes -keyout key.pem -subj /O=Example/CN=Leaf -out leaf.csr');
shop.openssl('x509 -req -in leaf.csr -CA ca.crt -CAkey ca.key -CAcreateserial -days 30 -out leaf.crt');
const expected = createPrivateKey(shop.read('key.pem'));

let files = 0;
/** Of a command of OpenSSL that writes one. */
const made = (command: string): Buffer => {
  const name = `${files++}.out`;
  shop.openssl(`${command} -out ${name}`);
  return shop.read(name);
};

type Form = readonly [name: string, make: () => Buffer];

/** Opens with the password, and says what is wrong without it. */
function opensWithPasswordOnly(forms: readonly Form[]): void {
  test.each(forms)('%s', async (_name, make) => {
    const file = make();
    const { privateKey } = await readPrivateKeyFile(file, Buffer.from(PASSWORD));
    expect(privateKey.equals(expected)).toBe(true);
    await expect(readPrivateKeyFile(file, Buffer.from('wrong-horse'))).rejects.toMatchObject({
      code: 'PRIVATE_KEY_PASSWORD_WRONG',
    });
    await expect(readPrivateKeyFile(file)).rejects.toMatchObject({ code: 'PRIVATE_KEY_PASSWORD_MISSING' });
  });
}

describe('plain', () => {
  test.each<Form>([
    ['PKCS#1 in PEM', () => made('rsa -in key.pem -traditional')],
    ['PKCS#1 in DER', () => made('rsa -in key.pem -traditional -outform DER')],
    ['PKCS#8 in PEM', () => made('pkcs8 -topk8 -in key.pem -nocrypt')],
    ['PKCS#8 in DER', () => made('pkcs8 -topk8 -in key.pem -nocrypt -outform DER')],
  ])('%s, and a password for it does no harm', async (_name, make) => {
    const file = make();
    for (const password of [undefined, Buffer.from(PASSWORD)]) {
      const found = await readPrivateKeyFile(file, password);
      expect(found.privateKey.equals(expected)).toBe(true);
      expect(found).toMatchObject({ leaf: undefined, chain: [] });
    }
  });
});

describe('PKCS#1 with Proc-Type', () => {
  const ciphers = [
    'aes128',
    'aes192',
    'aes256',
    'des3',
    'des-ede-cbc',
    'des',
    'rc2-cbc',
    'rc2-64-cbc',
    'rc2-40-cbc',
  ];
  opensWithPasswordOnly(
    [...ciphers, 'camellia128', 'camellia192', 'camellia256'].map((cipher) => [
      cipher,
      () => made(`rsa -in key.pem -traditional -${cipher} -passout pass:${PASSWORD} ${LEGACY}`),
    ]),
  );
});

const pkcs8 = (how: string, form = 'PEM'): Buffer =>
  made(`pkcs8 -topk8 -in key.pem ${how} -outform ${form} -passout pass:${PASSWORD} ${LEGACY}`);

describe('PKCS#8 with PBES2', () => {
  const hashes = ['SHA1', 'SHA224', 'SHA256', 'SHA384', 'SHA512', 'SHA512-224', 'SHA512-256', 'MD5'];
  const ciphers = ['aes-128-cbc', 'aes-192-cbc', 'aes-256-cbc', 'des3', 'des-cbc'];
  const others = [
    'rc2-cbc',
    'rc2-64-cbc',
    'rc2-40-cbc',
    'camellia-128-cbc',
    'camellia-192-cbc',
    'camellia-256-cbc',
  ];
  opensWithPasswordOnly([
    ...hashes.flatMap((hash) =>
      [...ciphers, ...others].map((cipher): Form => {
        return [`${cipher} ${hash}`, () => pkcs8(`-v2 ${cipher} -v2prf hmacWith${hash}`)];
      }),
    ),
    ['scrypt', () => pkcs8('-v2 aes-256-cbc -scrypt')],
    [
      'scrypt with parameters',
      () => pkcs8('-v2 aes-128-cbc -scrypt -scrypt_N 1024 -scrypt_r 4 -scrypt_p 2', 'DER'),
    ],
    ['in DER', () => pkcs8('-v2 aes-256-cbc -v2prf hmacWithSHA256', 'DER')],
    ['with 600,000 rounds', () => pkcs8('-v2 aes-256-cbc -v2prf hmacWithSHA256 -iter 600000')],
  ]);
});

const OLD = [
  ...['PBE-MD5-DES', 'PBE-SHA1-DES', 'PBE-MD5-RC2-64', 'PBE-SHA1-RC2-64'],
  ...['PBE-SHA1-3DES', 'PBE-SHA1-2DES', 'PBE-SHA1-RC2-128', 'PBE-SHA1-RC2-40'],
  ...['PBE-SHA1-RC4-128', 'PBE-SHA1-RC4-40'],
];

describe('PKCS#8 with PBES1 or as in PKCS#12', () => {
  opensWithPasswordOnly(
    OLD.flatMap((name): Form[] => [
      [name, () => pkcs8(`-v1 ${name}`)],
      [`${name} in DER`, () => pkcs8(`-v1 ${name}`, 'DER')],
    ]),
  );
});

const pkcs12 = (how: string, password = PASSWORD): Buffer =>
  made(
    `pkcs12 -export -inkey key.pem -in leaf.crt -certfile ca.crt -name x ${how} -passout pass:${password} ${LEGACY}`,
  );

describe('PKCS#12 of OpenSSL', () => {
  const hashes = ['md5', 'sha1', 'sha224', 'sha256', 'sha384', 'sha512', 'sha512-224', 'sha512-256'];
  opensWithPasswordOnly([
    ['as it is made today', () => pkcs12('')],
    [
      'as Windows makes it today',
      () => pkcs12('-keypbe AES-256-CBC -certpbe AES-256-CBC -macalg sha256 -iter 2000'),
    ],
    [
      'as Windows made it',
      () => pkcs12('-keypbe PBE-SHA1-3DES -certpbe PBE-SHA1-3DES -macalg sha1 -iter 2000'),
    ],
    ['as OpenSSL made it', () => pkcs12('-legacy')],
    ...[...OLD.filter((name) => !name.includes('MD5')), 'AES-128-CBC', 'DES-CBC', 'CAMELLIA-256-CBC'].map(
      (name): Form => [name, () => pkcs12(`-keypbe ${name} -certpbe ${name}`)],
    ),
    ...hashes.map((hash): Form => [`MAC with ${hash}`, () => pkcs12(`-macalg ${hash}`)]),
    ['one round', () => pkcs12('-iter 1 -nomaciter')],
    ['without a MAC', () => pkcs12('-nomac')],
    ['certificates in clear', () => pkcs12('-certpbe NONE')],
    ['key in clear', () => pkcs12('-keypbe NONE')],
  ]);

  test('gives the certificate of the key, and the others as its chain', async () => {
    const { leaf, chain } = await readPrivateKeyFile(pkcs12(''), Buffer.from(PASSWORD));
    expect(leaf).toMatchObject({ subject: 'CN=Leaf,O=Example', subjectName: 'Leaf' });
    const ca = shop.openssl('x509 -in ca.crt -outform PEM');
    expect(chain.map((der) => der.toString('base64'))).toEqual([ca.replace(/-----[A-Z ]+-----|\n/g, '')]);
  });

  test('gives no certificate as that of the key which is not', async () => {
    const withoutLeaf = made(`pkcs12 -export -inkey key.pem -in leaf.crt -passout pass:${PASSWORD}`);
    expect((await readPrivateKeyFile(withoutLeaf, Buffer.from(PASSWORD))).chain).toEqual([]);
    const onlyKey = made(`pkcs12 -export -inkey key.pem -nocerts -passout pass:${PASSWORD}`);
    const found = await readPrivateKeyFile(onlyKey, Buffer.from(PASSWORD));
    expect(found).toMatchObject({ leaf: undefined, chain: [] });
  });

  test('says that it holds no key', async () => {
    const file = made(`pkcs12 -export -nokeys -in leaf.crt -passout pass:${PASSWORD}`);
    await expect(readPrivateKeyFile(file, Buffer.from(PASSWORD))).rejects.toMatchObject({
      code: 'PRIVATE_KEY_INVALID',
      message: expect.stringContaining('no private key'),
    });
  });

  test('opens without a password when it was made with an empty one', async () => {
    for (const how of ['', '-legacy', '-nomac', '-keypbe NONE -certpbe NONE -nomac']) {
      const { privateKey } = await readPrivateKeyFile(pkcs12(how, ''));
      expect(privateKey.equals(expected)).toBe(true);
    }
  });

  test.each(['Grüße', 'naïve €uro', '密码', 'key🔑'])('opens with the password %s', async (password) => {
    for (const how of ['', '-legacy', '-keypbe PBE-SHA1-3DES']) {
      const { privateKey } = await readPrivateKeyFile(
        pkcs12(how, password.replaceAll(' ', '')),
        Buffer.from(password.replaceAll(' ', '')),
      );
      expect(privateKey.equals(expected)).toBe(true);
    }
  });
});

describe.skipIf(!hasTool('keytool'))('PKCS#12 of Java', () => {
  const store = (name: string, ...options: string[]): Buffer => {
    shop.write(`${name}.in`, pkcs12(''));
    const [from, to] = [`-srckeystore ${name}.in -srcstoretype PKCS12`, `-destkeystore ${name}`];
    const passwords = `-srcstorepass ${PASSWORD} -deststorepass ${PASSWORD}`;
    const args = `-importkeystore ${from} ${to} ${passwords} -noprompt`.split(' ');
    shop.run('keytool', [...options, ...args]);
    return shop.read(name);
  };
  opensWithPasswordOnly([
    ['as it is made today', () => store('new.p12', '-J-Duser.language=en')],
    ['as Java 8 made it', () => store('old.p12', '-J-Dkeystore.pkcs12.legacy')],
  ]);

  test('a Java key store of its own kind is named, with the way to convert it', async () => {
    shop.write('jks.in', pkcs12(''));
    const args = `-importkeystore -srckeystore jks.in -srcstoretype PKCS12 -destkeystore x.jks -deststoretype JKS -srcstorepass ${PASSWORD} -deststorepass ${PASSWORD} -noprompt`;
    shop.run('keytool', args.split(' '));
    await expect(readPrivateKeyFile(shop.read('x.jks'), Buffer.from(PASSWORD))).rejects.toMatchObject({
      code: 'PRIVATE_KEY_INVALID',
      message: expect.stringContaining('Java key store'),
      fix: expect.stringMatching(/keytool -importkeystore .*-deststoretype PKCS12/),
    });
  });
});

describe.skipIf(!hasTool('pk12util'))('PKCS#12 of NSS, which is that of Firefox', () => {
  const exported = (name: string, ...options: string[]): Buffer => {
    shop.write('nss.in', pkcs12(''));
    shop.run('mkdir', [name]);
    shop.run('certutil', ['-N', '-d', `sql:${name}`, '--empty-password']);
    shop.run('pk12util', ['-i', 'nss.in', '-d', `sql:${name}`, '-W', PASSWORD]);
    shop.run('pk12util', ['-o', `${name}.p12`, '-n', 'x', '-d', `sql:${name}`, '-W', PASSWORD, ...options]);
    return shop.read(`${name}.p12`);
  };
  const [tripleDes, rc2] = ['3KEY Triple DES-CBC', '40 Bit RC2 CBC'].map(
    (name) => `PKCS #12 V2 PBE With SHA-1 And ${name}`,
  );
  // Once each: they have 600,000 rounds in every part.
  test.each<Form>([
    ['as it is made today', () => exported('nss-new')],
    ['with Camellia', () => exported('nss-camellia', '-c', 'CAMELLIA-256-CBC', '-C', 'CAMELLIA-256-CBC')],
    ['with RC2 and 3DES', () => exported('nss-rc2', '-c', 'DES-EDE3-CBC', '-C', 'RC2-CBC')],
    ['as it was made', () => exported('nss-old', '-c', tripleDes ?? '', '-C', rc2 ?? '', '-M', 'SHA-1')],
  ])('%s', async (_name, make) => {
    const { privateKey, leaf, chain } = await readPrivateKeyFile(make(), Buffer.from(PASSWORD));
    expect(privateKey.equals(expected)).toBe(true);
    expect(leaf?.subjectName).toBe('Leaf');
    expect(chain).toHaveLength(1);
  });
});

describe.skipIf(!hasTool('certtool'))('keys of GnuTLS', () => {
  const exported = (...options: string[]): Buffer => {
    const name = `${files++}.gnutls`;
    const [key, password] = ['--load-privkey=key.pem', `--password=${PASSWORD}`];
    shop.run('certtool', [...options, key, password, `--outfile=${name}`]);
    return shop.read(name);
  };
  const p12 = ['--to-p12', '--load-certificate=leaf.crt', '--p12-name=x'];
  opensWithPasswordOnly([
    ...['aes-128', 'aes-192', 'aes-256', '3des', '3des-pkcs12', 'arcfour', 'rc2-40'].map(
      (cipher): Form => [`PKCS#8, ${cipher}`, () => exported('--to-p8', `--pkcs-cipher=${cipher}`)],
    ),
  ]);

  // They have 600,000 rounds in every part.
  test('PKCS#12, which it writes in PEM', async () => {
    const { privateKey, leaf } = await readPrivateKeyFile(exported(...p12), Buffer.from(PASSWORD));
    expect(privateKey.equals(expected)).toBe(true);
    expect(leaf?.subjectName).toBe('Leaf');
  });
});
