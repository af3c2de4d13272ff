import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { rc2 } from './ciphers.ts';
import { passwordOf } from './password.ts';
import { derivePkcs12, FOR } from './pkcs12-kdf.ts';
import { rc2CbcDecrypt } from './rc2.ts';
import { rc4 } from './rc4.ts';
import { rehashSha1 } from './sha1-rounds.ts';
import { createWorkLimit } from './work-limit.ts';

const hex = (text: string): Buffer => Buffer.from(text.replaceAll(' ', ''), 'hex');

describe('RC2', () => {
  // RFC 2268, 5.
  test.each([
    ['00000000 00000000', 63, '00000000 00000000', 'ebb773f9 93278eff'],
    ['ffffffff ffffffff', 64, 'ffffffff ffffffff', '278b27e4 2e2f0d49'],
    ['30000000 00000000', 64, '10000000 00000001', '30649edf 9be7d2c2'],
    ['88', 64, '00000000 00000000', '61a8a244 adacccf0'],
    ['88bca90e 90875a', 64, '00000000 00000000', '6ccf4308 974c267f'],
    ['88bca90e 90875a7f 0f79c384 627bafb2', 64, '00000000 00000000', '1a807d27 2bbe5db1'],
    ['88bca90e 90875a7f 0f79c384 627bafb2', 128, '00000000 00000000', '2269552a b0f85ca6'],
    [
      '88bca90e 90875a7f 0f79c384 627bafb2 16f80a6f 85920584 c42fceb0 be255daf 1e',
      129,
      '00000000 00000000',
      '5b78d3a4 3dfff1f1',
    ],
  ])('key %s of %i bits', (key, bits, plaintext, ciphertext) => {
    expect(rc2CbcDecrypt(hex(key), bits, Buffer.alloc(8), hex(ciphertext))).toEqual(hex(plaintext));
  });

  test('refuses padding that is none, and parts of blocks', () => {
    const cipher = rc2(8);
    const decrypt = (ciphertext: Buffer) => cipher.decrypt(Buffer.alloc(8), Buffer.alloc(8), ciphertext);
    for (const size of [0, 7, 8, 16]) expect(decrypt(Buffer.alloc(size))).toBeUndefined();
  });
});

// RFC 6229, 2, at offset 0.
test.each([
  ['0102030405', 'b2396305f03dc027ccc3524a0a1118a8'],
  ['0102030405060708090a0b0c0d0e0f10', '9ac7cc9a609d1ef7b2932899cde41b97'],
])('RC4 with key %s', (key, stream) => {
  expect(rc4(hex(key), Buffer.alloc(16))).toEqual(hex(stream));
});

test('SHA-1 of SHA-1 is that of Node', () => {
  let expected = createHash('sha1').update('start').digest();
  const words = Int32Array.from({ length: 5 }, (_, i) => expected.readInt32BE(4 * i));
  for (let i = 0; i < 1000; i++) expected = createHash('sha1').update(expected).digest();
  rehashSha1(words, 1000);
  expect(Buffer.from(words.buffer).swap32()).toEqual(expected);
});

describe('passwords', () => {
  test('PKCS#12 takes UTF-16 with a zero at its end', () => {
    expect(passwordOf(Buffer.from('Beavis')).wide).toEqual([hex('0042 0065 0061 0076 0069 0073 0000')]);
    expect(passwordOf(Buffer.from('é€🔑')).wide[0]).toEqual(hex('00e9 20ac d83d dd11 0000'));
  });

  test('and where programs have differed, every way', () => {
    expect(passwordOf(Buffer.from('é')).wide[1]).toEqual(hex('00c3 00a9 0000'));
    expect(passwordOf(hex('e9')).wide).toEqual([hex('00e9 0000')]);
    expect(passwordOf(undefined).wide).toEqual([hex('0000'), Buffer.alloc(0)]);
  });

  test('wiping zeroes what was made of it', () => {
    const password = passwordOf(Buffer.from('é'));
    password.wipe();
    for (const form of password.wide) expect(form.every((byte) => byte === 0)).toBe(true);
  });
});

test('too much work is refused before it is done', async () => {
  const wanted = { hash: 'sha1', salt: Buffer.alloc(8), purpose: FOR.key, size: 24 };
  const password = Buffer.alloc(2);
  const spend = createWorkLimit();
  await derivePkcs12(password, { ...wanted, iterations: 1000 }, spend);
  const tooMuch = derivePkcs12(password, { ...wanted, iterations: 4_999_500 }, spend);
  await expect(tooMuch).rejects.toMatchObject({
    code: 'PRIVATE_KEY_INVALID',
    message: expect.stringContaining('too much work'),
  });
});

test('deriving a key leaves the event loop to others', async () => {
  let turns = 0;
  const timer = setInterval(() => {
    turns += 1;
  }, 0);
  const wanted = { hash: 'sha256', salt: Buffer.alloc(8), iterations: 200_000, purpose: FOR.mac, size: 32 };
  await derivePkcs12(Buffer.alloc(2), wanted, createWorkLimit());
  clearInterval(timer);
  expect(turns).toBeGreaterThan(5);
});
