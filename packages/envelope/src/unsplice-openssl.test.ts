import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createSelfSigned } from '@sealtrack/certificates/self-signed';
import { afterAll, describe, expect, test } from 'vitest';
import { decodeArmor } from './armor.ts';
import { parseEnvelope } from './envelope.ts';
import { splicePkcs7 } from './splice.ts';
import { inChunksOf, readWhole } from './test-files.ts';

const CERTIFICATE = 'certificate.pem';
const PLAINTEXT = Buffer.from(Uint8Array.from({ length: 70_001 }, (_, i) => i % 251));
const openssl = await createOpenSslFiles(PLAINTEXT);
afterAll(() => openssl[Symbol.dispose]());

describe('reads what OpenSSL writes', () => {
  const commands = {
    'smime -aes256': ['smime', '-aes256'],
    'cms AES-128-CBC, -keyid': ['cms', '-aes128', '-keyid'],
    'cms AES-256-GCM': ['cms', '-aes-256-gcm'],
    'cms AES-256-GCM, OAEP': ['cms', '-aes-256-gcm', '-keyopt', 'rsa_padding_mode:oaep'],
  } as const;
  const files = Object.entries(commands).flatMap(([name, [command, ...options]]) =>
    ['DER', 'PEM', 'SMIME'].flatMap((form) => [
      { name: `${name}, ${form}`, command, options: [...options, '-outform', form] },
      { name: `${name}, ${form} in pieces`, command, options: [...options, '-outform', form, '-stream'] },
    ]),
  );

  test.each(files)('$name', async ({ command, options }) => {
    const file = openssl.encrypt(command, ...options);
    const whole = await readWhole(decodeArmor(inChunksOf(file, 65_536)));
    const { ciphertext = Buffer.alloc(0), envelope } = whole;
    expect(parseEnvelope(envelope).recipients.length).toBeGreaterThan(0);

    const { prefix, suffix } = splicePkcs7(envelope, ciphertext.length);
    const spliced = Buffer.concat([prefix, ciphertext, suffix]);
    expect(openssl.decrypt(spliced)).toEqual(PLAINTEXT);

    expect(await readWhole(decodeArmor(inChunksOf(file, 1)))).toEqual(whole);
    expect(await readWhole(inChunksOf(spliced, 1000))).toEqual(whole);
  });
});

test.each([0, 1, 127, 128, 65_535, 65_536, 300_016])('%d bytes spliced in come out again', async (size) => {
  const envelopes = [
    (await readWhole(decodeArmor(inChunksOf(openssl.encrypt('smime', '-aes256'), 9999)))).envelope,
    (await readWhole(decodeArmor(inChunksOf(openssl.encrypt('cms', '-aes-256-gcm'), 9999)))).envelope,
  ];
  const ciphertext = Buffer.alloc(size, 'ciphertext');
  for (const envelope of envelopes) {
    const { prefix, suffix } = splicePkcs7(envelope, size);
    const file = Buffer.concat([prefix, ciphertext, suffix]);
    expect(await readWhole(inChunksOf(file, 4096))).toEqual({ ciphertext, envelope });
    expect(await readWhole(inChunksOf(envelope, 100))).toEqual({ ciphertext: undefined, envelope });
  }
});

interface OpenSslFiles extends Disposable {
  /** `encrypt('smime', '-aes256', '-stream')`: S/MIME unless -outform says otherwise. */
  encrypt(command: 'smime' | 'cms', ...options: readonly string[]): Buffer;
  /** What `openssl cms -decrypt` makes of a file in DER. */
  decrypt(file: Uint8Array): Buffer;
}

/** For one certificate and one plaintext. */
async function createOpenSslFiles(plaintext: Uint8Array): Promise<OpenSslFiles> {
  const { certificatePem, privateKeyPem } = await createSelfSigned({ commonName: 'owner' });
  const cwd = mkdtempSync(join(tmpdir(), 'envelope-files-'));
  writeFileSync(join(cwd, CERTIFICATE), certificatePem);
  writeFileSync(join(cwd, 'key.pem'), privateKeyPem);
  writeFileSync(join(cwd, 'plaintext'), plaintext);
  const openssl = (...args: readonly string[]) => execFileSync('openssl', args, { cwd, maxBuffer: 2 ** 26 });
  return {
    encrypt(command, ...options) {
      // Only where the certificate is an option can others speak of it, such as -keyopt.
      const [before, after] = command === 'cms' ? [['-recip', CERTIFICATE], []] : [[], [CERTIFICATE]];
      return openssl(command, '-encrypt', '-binary', '-in', 'plaintext', ...before, ...options, ...after);
    },
    decrypt(file) {
      writeFileSync(join(cwd, 'file'), file);
      return openssl('cms', '-decrypt', '-binary', '-inform', 'DER', '-in', 'file', '-inkey', 'key.pem');
    },
    [Symbol.dispose]: () => rmSync(cwd, { recursive: true }),
  };
}
