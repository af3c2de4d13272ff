import { createPrivateKey } from 'node:crypto';
import { AppError } from '@sealtrack/errors/app-error';
import { afterAll, describe, expect, test } from 'vitest';
import { certificatesIn, readCertificateFile } from './certificate-file.ts';
import { readPrivateKeyFile } from './private-key-file.ts';
import { createWorkshop, hasTool } from './testing/workshop.ts';

const shop = createWorkshop();
afterAll(() => shop.remove());
const { openssl, read } = shop;

openssl(
  'req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout root.key -subj /CN=Root -days 30 -out root.crt',
);
function issue(name: string, issuer: string, extensions: string): void {
  shop.write('extensions', extensions);
  openssl(`req -newkey rsa:2048 -nodes -keyout ${name}.key -subj /CN=${name} -out ${name}.csr`);
  openssl(
    `x509 -req -in ${name}.csr -CA ${issuer}.crt -CAkey ${issuer}.key -CAcreateserial -days 30 -extfile extensions -out ${name}.crt`,
  );
}
issue('Middle', 'root', 'basicConstraints=critical,CA:TRUE');
issue('Leaf', 'Middle', 'keyUsage=keyEncipherment');
issue('Other', 'Middle', 'keyUsage=keyEncipherment');

const together = (...names: string[]): Buffer => Buffer.concat(names.map(read));
const derOf = (name: string): Buffer => certificatesIn(read(name))[0] ?? Buffer.alloc(0);

function failureOf(run: () => unknown): AppError {
  try {
    run();
  } catch (error) {
    if (error instanceof AppError) return error;
    throw error;
  }
  throw new Error('nothing was thrown');
}

describe('readCertificateFile', () => {
  test.each([
    ['the leaf first', together('Leaf.crt', 'Middle.crt', 'root.crt')],
    ['the leaf last', together('root.crt', 'Middle.crt', 'Leaf.crt')],
    ['with text and a key between', together('Middle.crt', 'Leaf.key', 'Leaf.crt', 'root.crt')],
    ['twice', together('Leaf.crt', 'Middle.crt', 'Leaf.crt', 'root.crt', 'root.crt')],
  ])('finds the leaf of a chain: %s', (_name, file) => {
    const { leaf, chain } = readCertificateFile(file);
    expect(leaf.subject).toBe('CN=Leaf');
    expect(new Set(chain.map(String))).toEqual(new Set([derOf('Middle.crt'), derOf('root.crt')].map(String)));
    expect(chain).toHaveLength(2);
  });

  test('takes one alone, in PEM, DER and UTF-16 as Windows writes text', () => {
    const pem = read('Leaf.crt');
    const utf16 = Buffer.from(`\ufeff${pem}`, 'utf16le');
    for (const file of [pem, derOf('Leaf.crt'), utf16, Buffer.from(utf16).swap16()])
      expect(readCertificateFile(file)).toMatchObject({ leaf: { subject: 'CN=Leaf' }, chain: [] });
  });

  test('takes the certificates that OpenSSL writes its trust into, and files with a line end too many', () => {
    openssl('x509 -in Leaf.crt -trustout -addtrust emailProtection -out trusted.crt');
    const trusted = read('trusted.crt');
    expect(trusted.toString()).toContain('BEGIN TRUSTED CERTIFICATE');
    for (const file of [trusted, Buffer.concat([derOf('Leaf.crt'), Buffer.from('\r\n')])])
      expect(readCertificateFile(file).leaf.der).toEqual(derOf('Leaf.crt'));
  });

  test.each(['PEM', 'DER'])('takes PKCS#7 in %s, as Windows exports a chain', (form) => {
    openssl(
      `crl2pkcs7 -nocrl -certfile root.crt -certfile Leaf.crt -certfile Middle.crt -outform ${form} -out x.p7b`,
    );
    const { leaf, chain } = readCertificateFile(read('x.p7b'));
    expect(leaf.subject).toBe('CN=Leaf');
    expect(chain).toHaveLength(2);
  });

  test('asks which one is meant of two, and the private key tells', () => {
    const file = together('Leaf.crt', 'Other.crt', 'Middle.crt');
    expect(failureOf(() => readCertificateFile(file))).toMatchObject({
      code: 'CERTIFICATE_INVALID',
      message: expect.stringContaining('3 certificates'),
    });
    const privateKey = createPrivateKey(read('Other.key'));
    expect(readCertificateFile(file, { privateKey }).leaf.subject).toBe('CN=Other');
  });

  test('has its bounds', () => {
    expect(failureOf(() => readCertificateFile(Buffer.alloc(300_000))).message).toContain('256 KiB');
    const many = Buffer.concat(Array.from({ length: 65 }, () => read('Leaf.crt')));
    expect(failureOf(() => readCertificateFile(many)).message).toContain('64 certificates');
  });
});

/** What people hand over by mistake, what the error has to call it, and what to do. */
const WRONG: readonly (readonly [name: string, make: () => Buffer, message: RegExp, fix: RegExp])[] = [
  ['request', () => read('Leaf.csr'), /certificate request \(CSR\)/, /CA sign/],
  ['request in DER', () => made('req -in Leaf.csr -outform DER'), /certificate request \(CSR\)/, /CA sign/],
  ['key', () => read('Leaf.key'), /a private key and no certificate/, /as the private key/],
  ['key in DER', () => made('rsa -in Leaf.key -outform DER'), /a private key and no/, /as the private key/],
  [
    'encrypted key',
    () => made('pkcs8 -topk8 -in Leaf.key -passout pass:x'),
    /an encrypted private key/,
    /private key/,
  ],
  [
    'encrypted key in DER',
    () => made('pkcs8 -topk8 -in Leaf.key -passout pass:x -outform DER'),
    /an encrypted private key/,
    /private key/,
  ],
  [
    'encrypted old key',
    () => made('rsa -in Leaf.key -traditional -aes128 -passout pass:x'),
    /an encrypted/,
    /private key/,
  ],
  [
    'PKCS#12',
    () => made('pkcs12 -export -in Leaf.crt -inkey Leaf.key -passout pass:x'),
    /PKCS#12 \(PFX\)/,
    /password/,
  ],
  ['public key', () => made('rsa -in Leaf.key -pubout'), /a public key/, /certificate of this key/],
  ['public key in DER', () => made('rsa -in Leaf.key -pubout -outform DER'), /a public key/, /certificate/],
  ['RSA public key', () => made('rsa -in Leaf.key -RSAPublicKey_out'), /a public key/, /certificate/],
  ['EC key', () => read('root.key'), /private key/, /X.509|private key/],
  ['old EC key', () => made('ec -in root.key'), /an EC private key/, /X.509/],
  ['CRL', () => revocationList(), /revocation list \(CRL\)/, /X.509/],
  ['recording', () => made('cms -encrypt -in Leaf.key -outform DER Leaf.crt'), /a recording/, /X.509/],
  ['WAV', () => Buffer.from('RIFF....WAVEfmt '), /a recording/, /X.509/],
  ['SSH key', () => Buffer.from('ssh-rsa AAAAB3NzaC1yc2E me@example'), /an SSH public key/, /X.509/],
  [
    'PGP',
    () => Buffer.from('-----BEGIN PGP PUBLIC KEY BLOCK-----\n\nmQEN\n-----END PGP PUBLIC KEY BLOCK-----\n'),
    /PGP/,
    /X.509/,
  ],
  ['nothing', () => Buffer.alloc(0), /nothing at all/, /X.509/],
  ['text', () => Buffer.from('hello'), /nothing in PEM or DER/, /X.509/],
  ['half of one', () => derOf('Leaf.crt').subarray(0, 300), /damaged or cut short/, /again/],
];

let count = 0;
function made(command: string): Buffer {
  const name = `made-${count++}`;
  // A file to encrypt and one to write are at the end of a command, in this order.
  const [, before = command, recipient = ''] = /^(cms .*) (\S+\.crt)$/.exec(command) ?? [];
  openssl(`${before} -out ${name} ${recipient}`.trim());
  return read(name);
}

function revocationList(): Buffer {
  shop.write(
    'ca.cnf',
    '[ca]\ndefault_ca=x\n[x]\ndatabase=index.txt\ndefault_md=sha256\ndefault_crl_days=30\n',
  );
  shop.write('index.txt', '');
  openssl('ca -config ca.cnf -gencrl -keyfile root.key -cert root.crt -out list.crl');
  return made('crl -in list.crl -outform DER');
}

describe('a wrong file is named', () => {
  test.each(WRONG)('%s, given as a certificate', (_name, make, message, fix) => {
    expect(failureOf(() => readCertificateFile(make()))).toMatchObject({
      code: 'CERTIFICATE_INVALID',
      message: expect.stringMatching(message),
      fix: expect.stringMatching(fix),
    });
  });

  const isKey = /^(key|encrypted|PKCS#12)/;
  test.each(WRONG.filter(([name]) => !isKey.test(name)))(
    '%s, given as a private key',
    async (_name, make) => {
      const error = await readPrivateKeyFile(make(), Buffer.from('x')).catch((thrown: unknown) => thrown);
      expect(error).toMatchObject({ code: 'PRIVATE_KEY_INVALID' });
      expect((error as AppError).fix).not.toBe('');
    },
  );

  test('a certificate, given as a private key', async () => {
    for (const file of [read('Leaf.crt'), derOf('Leaf.crt')])
      await expect(readPrivateKeyFile(file)).rejects.toMatchObject({
        code: 'PRIVATE_KEY_INVALID',
        message: expect.stringContaining('a certificate and no private key'),
      });
  });

  test.skipIf(!hasTool('ssh-keygen'))('a private key of SSH, with the way to convert it', async () => {
    shop.run('ssh-keygen', ['-q', '-t', 'rsa', '-N', '', '-f', `${shop.path}/id_rsa`]);
    await expect(readPrivateKeyFile(read('id_rsa'))).rejects.toMatchObject({
      message: expect.stringContaining('SSH private key'),
      fix: expect.stringContaining('ssh-keygen -p -m PKCS8'),
    });
    // The empty options are the passwords.
    shop.run('ssh-keygen', ['-q', '-p', '-P', '', '-N', '', '-m', 'PKCS8', '-f', `${shop.path}/id_rsa`]);
    expect((await readPrivateKeyFile(read('id_rsa'))).privateKey.asymmetricKeyType).toBe('rsa');
  });
});
