import { createPrivateKey, generateKeyPairSync, type KeyObject, X509Certificate } from 'node:crypto';
import { afterAll, describe, expect, test } from 'vitest';
import { readAnyPrivateKey } from './any-private-key.ts';
import { orderChain, readCertificates } from './certificate-chain.ts';
import { createWorkshop } from './testing/workshop.ts';

const shop = createWorkshop();
afterAll(() => shop.remove());

const EC = '-newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes';
const CA = '-addext basicConstraints=critical,CA:TRUE';
shop.write('ca.ext', 'basicConstraints=critical,CA:TRUE');
const root = (name: string): unknown =>
  shop.openssl(`req -x509 ${EC} -keyout ${name}.key -subj /CN=${name} ${CA} -days 30 -out ${name}.crt`);
/** A certificate `as` on the key of `name`, which is made if it is not there. */
function issued(name: string, by: string, as = name, more = ''): void {
  const key = as === name ? `${EC} -keyout ${name}.key` : `-key ${name}.key`;
  shop.openssl(`req -new ${key} -subj /CN=${name} -out request.csr`);
  const signer = `-CA ${by}.crt -CAkey ${by}.key -CAcreateserial -days 30`;
  shop.openssl(`x509 -req -in request.csr ${signer} -out ${as}.crt${more}`);
}
root('root');
root('stranger');
issued('sub', 'root', 'sub', ' -extfile ca.ext');
issued('server', 'sub');
/** What somebody signs for themselves while they wait for the CA. */
shop.openssl('req -x509 -key server.key -subj /CN=server -days 30 -out own.crt');

const text = (name: string): Buffer => shop.read(`${name}.crt`);
const key = (name: string): KeyObject => createPrivateKey(shop.read(`${name}.key`));
const all = (...names: readonly string[]): Promise<Buffer[]> =>
  readCertificates(Buffer.concat(names.map(text)));
const namesOf = (ders: readonly Buffer[]): string[] =>
  ders.map((der) => new X509Certificate(der).subject.replace('CN=', ''));

const made = (command: string): Buffer => {
  shop.openssl(`${command} -out made`);
  return shop.read('made');
};
const BUNDLE = '-certfile server.crt -certfile sub.crt -certfile root.crt';

describe('certificates are read from', () => {
  test.each<[string, () => Buffer, string?]>([
    ['PEM', () => Buffer.concat(['server', 'sub', 'root'].map(text))],
    [
      'PEM with text around it, and the key',
      () =>
        Buffer.concat([
          Buffer.from('Bag Attributes\n    friendlyName: x\n'),
          ...['server', 'sub'].map(text),
          Buffer.from('# the root\r\n'),
          shop.read('server.key'),
          text('root'),
        ]),
    ],
    ['what openssl x509 -text says', () => made('x509 -in server.crt -text'), 'server'],
    ['DER', () => made('x509 -in server.crt -outform DER'), 'server'],
    ['PKCS#7 in DER, as Windows exports it', () => made(`crl2pkcs7 -nocrl ${BUNDLE} -outform DER`)],
    ['PKCS#7 in PEM', () => made(`crl2pkcs7 -nocrl ${BUNDLE}`)],
    [
      'PKCS#12',
      () => {
        shop.write('chain.pem', Buffer.concat(['sub', 'root'].map(text)));
        return made(
          'pkcs12 -export -in server.crt -inkey server.key -certfile chain.pem -passout pass:secret',
        );
      },
    ],
    [
      'PKCS#12 without a key',
      () => made('pkcs12 -export -nokeys -in server.crt -passout pass:secret'),
      'server',
    ],
  ])('%s', async (_what, make, only) => {
    const found = await readCertificates(make(), Buffer.from('secret'));
    expect(namesOf(found)).toEqual(only === undefined ? ['server', 'sub', 'root'] : [only]);
  });

  test.each([
    ['a private key', () => shop.read('server.key'), 'CERTIFICATE_INVALID'],
    ['a request', () => shop.read('request.csr'), 'CERTIFICATE_INVALID'],
    ['nothing', () => Buffer.alloc(0), 'CERTIFICATE_INVALID'],
    [
      'half a certificate',
      () => made('x509 -in server.crt -outform DER').subarray(0, 99),
      'CERTIFICATE_INVALID',
    ],
    [
      'PKCS#12 under another password',
      () => made('pkcs12 -export -nokeys -in server.crt -passout pass:other'),
      'PRIVATE_KEY_PASSWORD_WRONG',
    ],
  ])('not %s', async (_what, make, code) => {
    const fix = expect.any(String);
    await expect(readCertificates(make(), Buffer.from('secret'))).rejects.toMatchObject({ code, fix });
  });
});

describe('a chain', () => {
  test('is put in order from the leaf to the root, whatever order it came in', async () => {
    for (const order of [
      ['root', 'server', 'sub'],
      ['sub', 'root', 'stranger', 'server', 'sub'],
    ]) {
      const { chain, others } = orderChain(await all(...order), key('server'));
      expect(namesOf(chain)).toEqual(['server', 'sub', 'root']);
      expect(namesOf(others)).toEqual(order.includes('stranger') ? ['stranger'] : []);
    }
  });

  test('begins with what issued nothing when there is no key to tell', async () => {
    expect(namesOf(orderChain(await all('root', 'server', 'sub')).chain)).toEqual(['server', 'sub', 'root']);
    expect(namesOf(orderChain(await all('root')).chain)).toEqual(['root']);
    const unclear = await all('server', 'stranger');
    expect(() => orderChain(unclear)).toThrowError(expect.objectContaining({ code: 'CERTIFICATE_INVALID' }));
  });

  test('begins with what the CA issued, not with what its owner signed while waiting', async () => {
    const { chain, others } = orderChain(await all('own', 'root', 'server', 'sub'), key('server'));
    expect(namesOf(chain)).toEqual(['server', 'sub', 'root']);
    expect(others).toEqual(await all('own'));
    expect(orderChain(await all('own'), key('server')).chain).toEqual(await all('own'));
  });

  test('ends where an issuer is missing, and where CAs certify each other', async () => {
    expect(namesOf(orderChain(await all('server', 'root'), key('server')).chain)).toEqual(['server']);
    issued('root', 'stranger', 'root-by-stranger', ' -extfile ca.ext');
    issued('stranger', 'root', 'stranger-by-root', ' -extfile ca.ext');
    const circle = await all('sub', 'root-by-stranger', 'stranger-by-root');
    expect(namesOf(orderChain(circle, key('sub')).chain)).toEqual(['sub', 'root', 'stranger']);
  });

  test('goes by signatures: a CA of the same name on another key has issued nothing', async () => {
    shop.run('mv', ['root.key', 'root-before.key']);
    shop.run('mv', ['root.crt', 'root-before.crt']);
    root('root');
    const { chain, others } = orderChain(await all('root', 'sub', 'root-before'), key('sub'));
    expect([chain[1]]).toEqual(await all('root-before'));
    expect(others).toEqual(await all('root'));
  });

  test('is none of a key that is on no certificate', async () => {
    const certificates = await all('server');
    expect(() => orderChain(certificates, key('sub'))).toThrowError(
      expect.objectContaining({ code: 'PRIVATE_KEY_MISMATCH' }),
    );
  });
});

describe('any private key', () => {
  const encrypted = 'pass:secret -out made';
  test.each([
    ['SEC 1', 'ec -in server.key -out made'],
    ['SEC 1 with its parameters before it', 'ecparam -name prime256v1 -genkey -out made'],
    ['SEC 1, encrypted', `ec -in server.key -aes256 -passout ${encrypted}`],
    ['SEC 1 in DER', 'ec -in server.key -outform DER -out made'],
    ['PKCS#8, encrypted', `pkcs8 -topk8 -in server.key -passout ${encrypted}`],
  ])('%s', async (name, command) => {
    shop.openssl(command);
    const file = shop.read('made');
    const { privateKey } = await readAnyPrivateKey(file, Buffer.from('secret'));
    if (!name.includes('parameters')) expect(privateKey.equals(key('server'))).toBe(true);
    if (!name.includes('encrypted')) return;
    const code = (wanted: string) => ({ code: `PRIVATE_KEY_PASSWORD_${wanted}` });
    await expect(readAnyPrivateKey(file)).rejects.toMatchObject(code('MISSING'));
    await expect(readAnyPrivateKey(file, Buffer.from('other'))).rejects.toMatchObject(code('WRONG'));
  });

  test('whose private half is not that of its public one is damaged', async () => {
    const [one, other] = [key('server'), key('sub')].map((each) => each.export({ format: 'jwk' }));
    const broken = createPrivateKey({ key: { ...one, d: other?.d ?? '' }, format: 'jwk' });
    const der = broken.export({ type: 'pkcs8', format: 'der' });
    await expect(readAnyPrivateKey(der)).rejects.toMatchObject({
      code: 'PRIVATE_KEY_INVALID',
      message: expect.stringContaining('damaged'),
    });
  });

  test('is one, and of a kind that signs for connections', async () => {
    const refused = (message: string) => ({
      code: 'PRIVATE_KEY_INVALID',
      message: expect.stringContaining(message),
      fix: expect.any(String),
    });
    const two = Buffer.concat([shop.read('server.key'), shop.read('sub.key')]);
    await expect(readAnyPrivateKey(two)).rejects.toMatchObject(refused('2 private keys'));
    await expect(readAnyPrivateKey(text('sub'))).rejects.toMatchObject(refused('holds a certificate'));
    const x25519 = generateKeyPairSync('x25519').privateKey.export({ type: 'pkcs8', format: 'der' });
    await expect(readAnyPrivateKey(x25519)).rejects.toMatchObject(refused('x25519'));
  });
});
