import { parseEnvelope } from '@sealtrack/envelope/envelope';
import { describe, expect, test } from 'vitest';
import { BOUND_TO, dekOf, plaintextOf, SEGMENT, type Sealed, seal } from './testing/media.ts';
import { createOwners } from './testing/owners.ts';
import { createWorkbench } from './testing/workbench.ts';

const bench = await createWorkbench();
const [anna] = await createOwners(bench, [2048]);

async function gmac(key: string, nonce: string, ...covered: Buffer[]): Promise<string> {
  const options = ['-cipher', 'AES-256-GCM', '-macopt', `hexkey:${key}`, '-macopt', `hexiv:${nonce}`];
  const input = bench.write(Buffer.concat(covered));
  return (await bench.openssl('mac', '-binary', ...options, '-in', input, 'GMAC')).toString('hex');
}

const uint64 = (value: number): Buffer => Buffer.from(value.toString(16).padStart(16, '0'), 'hex');

describe.each([
  ['pkcs7', 'AES-256-CBC'],
  ['cms', 'AES-256-GCM'],
] as const)('for suite %s OpenSSL makes what we make:', (suite, cipher) => {
  /** The keys of tags and envelope, from OpenSSL's HKDF. */
  const derive = async (sealed: Sealed): Promise<{ iv: Buffer; tagKey: string; macKey: string }> => {
    const { iv } = parseEnvelope(sealed.envelope);
    const dek = (await dekOf(sealed.envelope, anna)).toString('hex');
    const inputs = ['digest:SHA256', `hexkey:${dek}`, `hexsalt:${iv.toString('hex')}`];
    const options = [...inputs, `info:sealtrack/v1 ${cipher}`].flatMap((option) => ['-kdfopt', option]);
    const keys = (await bench.openssl('kdf', '-binary', '-keylen', '64', ...options, 'HKDF')).toString('hex');
    return { iv, tagKey: keys.slice(0, 64), macKey: keys.slice(64) };
  };

  test.each([0, SEGMENT - 16, SEGMENT, 2 * SEGMENT + 100])('the tags of %d bytes', async (size) => {
    const sealed = await seal(suite, plaintextOf(size), [anna]);
    const { iv, tagKey } = await derive(sealed);
    const count = sealed.tags.length / 16;
    expect(count).toBe(Math.max(1, Math.ceil(sealed.ciphertext.length / SEGMENT)));
    let previous: Buffer = Buffer.concat([Buffer.alloc(16 - iv.length), iv]);
    for (let i = 0; i < count; i++) {
      const segment = sealed.ciphertext.subarray(i * SEGMENT, (i + 1) * SEGMENT);
      const nonce = `${i.toString(16).padStart(22, '0')}${i === count - 1 ? '01' : '00'}`;
      const tag = sealed.tags.subarray(16 * i, 16 * (i + 1)).toString('hex');
      expect(tag).toBe(await gmac(tagKey, nonce, previous, segment));
      previous = segment.subarray(-16);
    }
  });

  test('the MAC of the envelope', async () => {
    const sealed = await seal(suite, plaintextOf(1000), [anna]);
    const { macKey } = await derive(sealed);
    const sizes = [uint64(sealed.plaintextSize), uint64(sealed.ciphertextSize)];
    const fields = [sealed.envelope, ...sizes, ...BOUND_TO.map((text) => Buffer.from(text))];
    const input = bench.write(Buffer.concat(fields.flatMap((field) => [uint64(field.length), field])));
    const options = ['-digest', 'SHA256', '-macopt', `hexkey:${macKey}`, '-in', input];
    const mac = await bench.openssl('mac', '-binary', ...options, 'HMAC');
    expect(sealed.envelopeMac.toString('hex')).toBe(mac.toString('hex'));
  });

  test.each([0, 1000])('the checksum of %d bytes', async (size) => {
    const sealed = await seal(suite, plaintextOf(size), [anna]);
    const sum = await gmac('0'.repeat(64), '0'.repeat(24), sealed.ciphertext);
    expect(sealed.checksum).toBe(`gmac0:${sum}`);
  });
});
