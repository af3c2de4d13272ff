import { createPublicKey } from 'node:crypto';
import { afterAll, describe, expect, test } from 'vitest';
import { distinguishedName } from '../distinguished-name.ts';
import { pemBlocks } from '../pem.ts';
import { createWorkshop } from '../testing/workshop.ts';
import { showGeneralName } from '../x509/general-names.ts';
import { readCsr } from './read-csr.ts';

const shop = createWorkshop();
afterAll(() => shop.remove());

const EC = '-algorithm EC -pkeyopt ec_paramgen_curve:';
function request(algorithm: string, more = ''): Buffer {
  shop.openssl(`genpkey ${algorithm} -out key.pem`);
  shop.openssl(`req -new -key key.pem -subj /O=Example/CN=player -out csr.pem${more}`);
  return shop.read('csr.pem');
}
const derOf = (pem: Buffer): Buffer => pemBlocks(pem)[0]?.content ?? Buffer.alloc(0);

const USUAL = ' -addext subjectAltName=DNS:player.example.com,IP:192.0.2.7,email:a@example.com';

describe('a request of OpenSSL', () => {
  test.each([
    ['RSA', '-algorithm RSA -pkeyopt rsa_keygen_bits:2048', ' -sha384'],
    ['P-256', `${EC}P-256`, ''],
    ['P-384', `${EC}P-384`, ' -sha512'],
    ['P-521', `${EC}P-521`, ' -sha1'],
  ])('%s', (_name, algorithm, digest) => {
    const pem = request(algorithm, `${USUAL} -addext extendedKeyUsage=serverAuth,clientAuth${digest}`);
    for (const file of [pem, derOf(pem), Buffer.concat([Buffer.from('Certificate Request:\n'), pem])]) {
      const read = readCsr(file);
      expect(distinguishedName(read.subject)).toBe('CN=player,O=Example');
      expect(read.publicKey.equals(createPublicKey(shop.read('key.pem')))).toBe(true);
      expect(read.subjectAltNames.map(showGeneralName)).toEqual([
        'DNS player.example.com',
        'IP 192.0.2.7',
        'e-mail a@example.com',
      ]);
      expect(read.extendedKeyUsages).toEqual(['1.3.6.1.5.5.7.3.1', '1.3.6.1.5.5.7.3.2']);
    }
  });

  test('that asks for nothing, as Windows labels it', () => {
    const pem = request(`${EC}P-256`).toString().replaceAll('CERTIFICATE', 'NEW CERTIFICATE');
    expect(readCsr(Buffer.from(pem))).toMatchObject({ subjectAltNames: [], extendedKeyUsages: [] });
  });
});

describe('refuses', () => {
  const good = derOf(request(`${EC}P-256`, USUAL));
  const damaged = (at: number): Buffer => {
    const other = Buffer.from(good);
    other[at] = (other[at] ?? 0) ^ 1;
    return other;
  };

  test.each([
    ['a signature by another key', damaged(good.length - 1), 'not by the key'],
    ['another name under the same signature', damaged(good.indexOf('player')), 'not by the key'],
    ['what is cut short', good.subarray(0, 100), 'damaged'],
    ['nothing', Buffer.alloc(0), 'nothing at all'],
  ])('%s', (_what, file, message) => {
    expect(() => readCsr(file)).toThrowError(
      expect.objectContaining({
        code: 'CERTIFICATE_INVALID',
        message: expect.stringContaining(message),
        fix: expect.any(String),
      }),
    );
  });

  test('a certificate and a key, by their names, and two requests', () => {
    shop.openssl(
      `req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout k.pem -subj /CN=a -out a.pem`,
    );
    expect(() => readCsr(shop.read('a.pem'))).toThrow('holds a certificate and no certificate request');
    expect(() => readCsr(shop.read('k.pem'))).toThrow('holds a private key and no certificate request');
    const pem = request(`${EC}P-256`);
    expect(() => readCsr(Buffer.concat([pem, pem]))).toThrow('2 certificate requests');
  });

  test.each([
    ['RSA of 1024 bits', '-algorithm RSA -pkeyopt rsa_keygen_bits:1024'],
    ['a curve of Bitcoin', `${EC}secp256k1`],
    ['Ed25519', '-algorithm ED25519'],
  ])('%s', (_what, algorithm) => {
    const pem = request(algorithm);
    expect(() => readCsr(pem)).toThrowError(expect.objectContaining({ code: 'CERTIFICATE_WEAK' }));
  });
});
