import { createHmac, pbkdf2Sync, randomBytes } from 'node:crypto';
import { createSecureContext } from 'node:tls';
import { AppError } from '@sealtrack/errors/app-error';
import fc from 'fast-check';
import { afterAll, describe, expect, test } from 'vitest';
import { readCertificateFile } from './certificate-file.ts';
import { children, element, integer, octetString, oid, readOnly, sequence, TAG } from './der.ts';
import { octetsOf } from './der-values.ts';
import { encodePem } from './pem.ts';
import { readPrivateKeyFile } from './private-key-file.ts';
import { createWorkshop } from './testing/workshop.ts';

const shop = createWorkshop();
afterAll(() => shop.remove());
const PASSWORD = 'hunter2';
const password = (): Buffer => Buffer.from(PASSWORD);
const LEGACY = '-provider legacy -provider default';

shop.openssl('req -x509 -newkey rsa:2048 -nodes -keyout key.pem -subj /CN=x -days 30 -out x.crt');
const made = (command: string): Buffer => {
  shop.openssl(`${command} -out made`);
  return shop.read('made');
};
const pkcs12 = (how = '', secret = PASSWORD): Buffer =>
  made(`pkcs12 -export -inkey key.pem -in x.crt ${how} -passout pass:${secret} ${LEGACY}`);
const pkcs8 = (how: string): Buffer =>
  made(`pkcs8 -topk8 -in key.pem -outform DER -passout pass:${PASSWORD} ${how} ${LEGACY}`);

/** Anything but an AppError is a fault. */
async function failureOf(file: Buffer, secret: Uint8Array | undefined = password()): Promise<AppError> {
  try {
    await readPrivateKeyFile(file, secret);
  } catch (error) {
    if (error instanceof AppError) return error;
    throw error;
  }
  throw new Error('nothing was thrown');
}

const outcomeOf = (file: Buffer): Promise<string> =>
  readPrivateKeyFile(file, password()).then(
    () => 'opened',
    (error: unknown) => {
      if (!(error instanceof AppError)) throw error;
      expect(error.fix).not.toBe('');
      expect(`${error.message} ${error.fix} ${JSON.stringify(error.details)}`).not.toContain(PASSWORD);
      return error.code;
    },
  );

const FILES: Readonly<Record<string, Buffer>> = {
  'PKCS#12 of today': pkcs12('-iter 1 -nomaciter'),
  'PKCS#12 without a MAC': pkcs12('-iter 1 -nomac'),
  'PKCS#12 of old': pkcs12('-legacy -iter 1 -nomaciter'),
  'PKCS#12 in clear': pkcs12('-keypbe NONE -certpbe NONE -nomac'),
  'PKCS#8 encrypted': pkcs8('-v2 aes-256-cbc -iter 1'),
  'PKCS#8 with scrypt': pkcs8('-v2 aes-256-cbc -scrypt -scrypt_N 16 -scrypt_r 1 -scrypt_p 1'),
  'PKCS#8 with RC2': pkcs8('-v2 rc2-cbc -iter 1'),
  'PKCS#8 with RC4': pkcs8('-v1 PBE-SHA1-RC4-128 -iter 1'),
  'PKCS#8': made('pkcs8 -topk8 -in key.pem -outform DER -nocrypt'),
  'PKCS#1': made('rsa -in key.pem -traditional -outform DER'),
  'PKCS#1 with Proc-Type': made(`rsa -in key.pem -traditional -des -passout pass:${PASSWORD} ${LEGACY}`),
};

describe.each(Object.entries(FILES))('%s', (_name, file) => {
  test('opens as it is', async () => {
    expect(await outcomeOf(file)).toBe('opened');
  });

  test('with bytes changed, cut or added ends with an AppError or opens', async () => {
    const byte = fc.integer({ min: 0, max: 255 });
    // What decides how a file is read is at its beginning.
    const place = fc.oneof(fc.nat(Math.min(120, file.length - 1)), fc.nat(file.length - 1));
    const change = fc.record({ at: place, byte, how: fc.constantFrom('change', 'cut', 'insert') });
    await fc.assert(
      fc.asyncProperty(fc.array(change, { minLength: 1, maxLength: 3 }), async (changes) => {
        let damaged = Buffer.from(file);
        for (const { at, byte: value, how } of changes) {
          if (how === 'change')
            damaged.fill(value, Math.min(at, damaged.length), Math.min(at + 1, damaged.length));
          else if (how === 'cut') damaged = damaged.subarray(0, at);
          else damaged = Buffer.concat([damaged.subarray(0, at), Buffer.of(value), damaged.subarray(at)]);
        }
        await outcomeOf(damaged);
        try {
          readCertificateFile(damaged);
        } catch (error) {
          expect(error).toBeInstanceOf(AppError);
        }
      }),
      { numRuns: 150 },
    );
  });
});

test('bytes of no meaning end with an AppError', async () => {
  await fc.assert(
    fc.asyncProperty(fc.uint8Array({ maxLength: 200 }), async (bytes) => {
      for (const file of [Buffer.from(bytes), element(TAG.sequence, bytes), encodePem('PRIVATE KEY', bytes)])
        expect(await outcomeOf(file)).not.toBe('opened');
    }),
    { numRuns: 300 },
  );
});

describe('a file cannot ask for much work', () => {
  const number = (value: number): Buffer => {
    const bytes = Buffer.alloc(6);
    bytes.writeUIntBE(value, 0, 6);
    return integer(bytes);
  };
  const aes = sequence(oid('2.16.840.1.101.3.4.1.42'), octetString(Buffer.alloc(16)));
  const encrypted = (kdf: Buffer): Buffer =>
    sequence(sequence(oid('1.2.840.113549.1.5.13'), sequence(kdf, aes)), octetString(Buffer.alloc(1024)));
  const pbkdf2 = (rounds: number, keySize = 32): Buffer =>
    encrypted(
      sequence(
        oid('1.2.840.113549.1.5.12'),
        sequence(octetString(Buffer.alloc(8)), number(rounds), number(keySize)),
      ),
    );
  const scrypt = (N: number, r: number, p: number): Buffer =>
    encrypted(
      sequence(
        oid('1.3.6.1.4.1.11591.4.11'),
        sequence(octetString(Buffer.alloc(8)), number(N), number(r), number(p)),
      ),
    );
  const pbes1 = (algorithm: string, rounds: number): Buffer =>
    sequence(
      sequence(oid(algorithm), sequence(octetString(Buffer.alloc(8)), number(rounds))),
      octetString(Buffer.alloc(1024)),
    );

  test.each([
    ['rounds of PBKDF2', pbkdf2(10_000_000)],
    ['rounds of PBKDF2 without end', pbkdf2(2 ** 46)],
    ['rounds of PBES1', pbes1('1.2.840.113549.1.5.3', 10_000_001)],
    ['rounds of PKCS#12', pbes1('1.2.840.113549.1.12.1.3', 5_000_001)],
    ['memory for scrypt', scrypt(2 ** 21, 8, 1)],
    ['scrypt in parallel', scrypt(2 ** 14, 8, 100)],
    ['scrypt without end', scrypt(2 ** 40, 2 ** 40, 2 ** 40)],
  ])('%s', async (_name, file) => {
    expect(await failureOf(file)).toMatchObject({
      code: 'PRIVATE_KEY_INVALID',
      message: expect.stringContaining('too much work'),
    });
  });

  test.each([
    ['no rounds', pbkdf2(0)],
    ['an enormous key', pbkdf2(1, 2 ** 30)],
    ['a cost of scrypt that is no power of two', scrypt(1000, 8, 1)],
    ['no rounds of PBES1', pbes1('1.2.840.113549.1.5.3', 0)],
    ['no rounds of PKCS#12', pbes1('1.2.840.113549.1.12.1.3', 0)],
  ])('nor for %s', async (_name, file) => {
    expect(await failureOf(file)).toMatchObject({ code: 'PRIVATE_KEY_INVALID' });
  });

  test.each([
    ['cipher', pbes1('1.2.3.4.5', 1), '1.2.3.4.5'],
    ['derivation', encrypted(sequence(oid('1.2.3.4.6'), sequence())), '1.2.3.4.6'],
  ])('an unknown %s is named', async (what, file, name) => {
    const error = await failureOf(file);
    expect(error).toMatchObject({ code: 'PRIVATE_KEY_INVALID', details: { [what]: name } });
    expect(error.message).toContain(name);
  });
});

describe('PKCS#12', () => {
  /** The same AuthenticatedSafe, under a MAC of RFC 9579. */
  function withPbmac1(file: Buffer, secret: string): Buffer {
    const [version, authSafe] = children(readOnly(file, TAG.sequence));
    const [, content] = children(authSafe as never);
    const safe = octetsOf(children(content as never)[0]);
    const salt = randomBytes(16);
    const hmacSha256 = sequence(oid('1.2.840.113549.2.9'), element(TAG.null));
    const rounds = [integer(Buffer.of(0x08, 0x00)), integer(Buffer.of(32))];
    const kdf = sequence(oid('1.2.840.113549.1.5.12'), sequence(octetString(salt), ...rounds, hmacSha256));
    const algorithm = sequence(oid('1.2.840.113549.1.5.14'), sequence(kdf, hmacSha256));
    const mac = createHmac('sha256', pbkdf2Sync(secret, salt, 2048, 32, 'sha256'))
      .update(safe)
      .digest();
    const macData = sequence(
      sequence(algorithm, octetString(mac)),
      octetString(Buffer.alloc(8)),
      integer(Buffer.of(1)),
    );
    return sequence(version?.raw ?? Buffer.alloc(0), authSafe?.raw ?? Buffer.alloc(0), macData);
  }

  test('with PBMAC1 opens here as it does in OpenSSL', async () => {
    const file = withPbmac1(pkcs12(), PASSWORD);
    expect(() => createSecureContext({ pfx: file, passphrase: PASSWORD })).not.toThrow();
    expect(() => createSecureContext({ pfx: file, passphrase: 'wrong' })).toThrow(/mac/i);
    expect(await outcomeOf(file)).toBe('opened');
    expect(await failureOf(file, Buffer.from('wrong'))).toMatchObject({ code: 'PRIVATE_KEY_PASSWORD_WRONG' });
    expect(await failureOf(file, Buffer.alloc(0))).toMatchObject({ code: 'PRIVATE_KEY_PASSWORD_MISSING' });
  });

  test('whose key has another password than the file says that', async () => {
    const file = withPbmac1(pkcs12('', 'of-the-key'), PASSWORD);
    expect(await failureOf(file)).toMatchObject({
      code: 'PRIVATE_KEY_PASSWORD_WRONG',
      fix: expect.stringContaining('one for both'),
    });
  });

  test('damaged under its MAC looks like a wrong password, and says that it may be either', async () => {
    const file = pkcs12();
    file.writeUInt8(file.readUInt8(700) ^ 1, 700);
    const error = await failureOf(file);
    expect(error.code).toBe('PRIVATE_KEY_PASSWORD_WRONG');
    expect(error.message).toContain('damaged');
  });

  test('protected by keys instead of a password says so', async () => {
    const signed = sequence(
      integer(Buffer.of(3)),
      sequence(oid('1.2.840.113549.1.7.2'), element(0xa0, octetString(Buffer.alloc(200)))),
    );
    expect((await failureOf(signed)).message).toContain('signature');
  });
});

test('labels that are names of JavaScript mean nothing', async () => {
  for (const label of ['constructor', '__proto__', 'toString'])
    expect((await failureOf(encodePem(label, Buffer.alloc(9)))).message).toContain('nothing in PEM or DER');
});

test('several keys are counted', async () => {
  const key = shop.read('key.pem');
  expect((await failureOf(Buffer.concat([key, key]))).message).toContain('2 private keys');
  expect((await failureOf(Buffer.alloc(300_000))).message).toContain('256 KiB');
});

test('an EC key is called one, plain and encrypted', async () => {
  shop.openssl('ecparam -genkey -name prime256v1 -noout -out ec.pem');
  for (const file of [
    shop.read('ec.pem'),
    made('pkcs8 -topk8 -in ec.pem -nocrypt'),
    made(`pkcs8 -topk8 -in ec.pem -passout pass:${PASSWORD}`),
  ])
    expect(await failureOf(file)).toMatchObject({
      code: 'PRIVATE_KEY_INVALID',
      message: expect.stringMatching(/EC /),
      fix: expect.stringContaining('RSA'),
    });
});

test('old keys of 1024 bits open for decrypting only', async () => {
  shop.openssl(
    'req -x509 -newkey rsa:1024 -nodes -keyout weak.key -subj /CN=Old -sha1 -days 30 -out weak.crt',
  );
  shop.openssl(`pkcs12 -export -inkey weak.key -in weak.crt -out weak.p12 -passout pass:${PASSWORD}`);
  expect(await failureOf(shop.read('weak.p12'))).toMatchObject({
    code: 'PRIVATE_KEY_INVALID',
    message: expect.stringContaining('1024 bits'),
  });
  const { leaf } = await readPrivateKeyFile(shop.read('weak.p12'), password(), { allowWeak: true });
  expect(leaf?.weaknesses).toEqual(['short-rsa-key', 'sha1-signature']);
});

test('a key shares its file with its certificate', async () => {
  const { leaf, chain } = await readPrivateKeyFile(Buffer.concat([shop.read('x.crt'), shop.read('key.pem')]));
  expect(leaf?.subject).toBe('CN=x');
  expect(chain).toEqual([]);
});

test('neither file nor password is changed', async () => {
  for (const file of Object.values(FILES)) {
    const [before, secret] = [Buffer.from(file), password()];
    await readPrivateKeyFile(file, secret);
    expect(file.equals(before)).toBe(true);
    expect(secret).toEqual(password());
  }
});
