import { execFileSync } from 'node:child_process';
import { createDecipheriv } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseCertificate } from '@sealtrack/certificates/certificate';
import { createSelfSigned } from '@sealtrack/certificates/self-signed';
import { parseEnvelope } from '@sealtrack/envelope/envelope';
import { openMedia } from '@sealtrack/envelope/open-media';
import { pkcs7ToPem } from '@sealtrack/envelope/pkcs7-pem';
import { recipientFromCertificate } from '@sealtrack/envelope/recipient';
import { createMediaSealer, type SealedMedia } from '@sealtrack/envelope/seal-media';
import { splicePkcs7 } from '@sealtrack/envelope/splice';
import { unwrapDek } from '@sealtrack/envelope/unwrap';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

const SEGMENT = 262144;
const SIZES = [0, 1, 15, 16, 17, SEGMENT - 1, SEGMENT, SEGMENT + 1, 3_000_000];

const dir = mkdtempSync(join(tmpdir(), 'interop-'));
const path = (name: string): string => join(dir, name);
afterAll(() => rmSync(dir, { recursive: true }));

const openssl = (...args: string[]): Buffer =>
  execFileSync('openssl', args, { cwd: dir, stdio: 'pipe', maxBuffer: 16 * 1024 * 1024 });
const bytes = (size: number): Buffer =>
  Buffer.from(Uint8Array.from({ length: size }, (_, i) => (i * 7) % 253));

interface Owner {
  readonly name: string;
  readonly certificate: ReturnType<typeof parseCertificate>;
  readonly privateKey: Awaited<ReturnType<typeof createSelfSigned>>['privateKey'];
}
const owners: Owner[] = [];

beforeAll(async () => {
  for (const name of ['anna', 'bert', 'carl']) {
    const made = await createSelfSigned({ commonName: name });
    writeFileSync(path(`${name}.pem`), made.certificatePem);
    writeFileSync(path(`${name}.key`), made.privateKeyPem, { mode: 0o600 });
    owners.push({ name, certificate: parseCertificate(made.certificatePem), privateKey: made.privateKey });
  }
});

async function seal(plaintext: Buffer, to: readonly Owner[]): Promise<SealedMedia & { ciphertext: Buffer }> {
  const recipients = to.map(({ certificate }) => recipientFromCertificate(certificate));
  const sealer = createMediaSealer({ suite: 'pkcs7', recipients });
  const source = (async function* () {
    yield plaintext;
  })();
  const ciphertext = Buffer.concat(await Array.fromAsync(sealer.seal(source)));
  return { ciphertext, ...sealer.finish() };
}

/** The spliced file under `name`. */
async function sealToFile(name: string, plaintext: Buffer, to: readonly Owner[]) {
  const sealed = await seal(plaintext, to);
  const { prefix, suffix } = splicePkcs7(sealed.envelope, sealed.ciphertextSize);
  writeFileSync(path(name), Buffer.concat([prefix, sealed.ciphertext, suffix]));
  return sealed;
}

describe('OpenSSL opens what we seal', () => {
  test.each(SIZES)('%d bytes', async (size) => {
    const plaintext = bytes(size);
    await sealToFile('ours.p7m', plaintext, owners.slice(0, 1));
    const opened = openssl(
      'smime',
      '-decrypt',
      '-binary',
      '-inform',
      'DER',
      '-in',
      'ours.p7m',
      '-inkey',
      'anna.key',
    );
    expect(opened.equals(plaintext)).toBe(true);
  });

  test('with the key of each of three recipients, by smime and by cms', async () => {
    const plaintext = bytes(50_000);
    await sealToFile('three.p7m', plaintext, owners);
    for (const { name } of owners) {
      for (const command of ['smime', 'cms']) {
        const identity = ['-inkey', `${name}.key`, '-recip', `${name}.pem`];
        const opened = openssl(
          command,
          '-decrypt',
          '-binary',
          '-inform',
          'DER',
          '-in',
          'three.p7m',
          ...identity,
        );
        expect(opened.equals(plaintext)).toBe(true);
      }
    }
  });

  test('and finds it to be DER', async () => {
    const sealed = await sealToFile('der.p7m', bytes(1000), owners);
    openssl('cms', '-cmsout', '-inform', 'DER', '-in', 'der.p7m', '-outform', 'DER', '-out', 'again.p7m');
    expect(readFileSync(path('again.p7m')).equals(readFileSync(path('der.p7m')))).toBe(true);
    writeFileSync(path('detached.pem'), pkcs7ToPem(sealed.envelope));
    openssl('pkcs7', '-in', 'detached.pem', '-outform', 'DER', '-out', 'detached.der');
    expect(readFileSync(path('detached.der')).equals(sealed.envelope)).toBe(true);
  });
});

describe('we open what OpenSSL seals', () => {
  const contentOf = (file: string, owner: Owner): Buffer => {
    const envelope = parseEnvelope(readFileSync(path(file)));
    const decipher = createDecipheriv('aes-256-cbc', unwrapDek(envelope, owner), envelope.iv);
    return Buffer.concat([decipher.update(envelope.content ?? Buffer.alloc(0)), decipher.final()]);
  };

  test.each(SIZES)('%d bytes', (size) => {
    const plaintext = bytes(size);
    writeFileSync(path('plain'), plaintext);
    const common = ['-encrypt', '-binary', '-aes256', '-in', 'plain'];
    const [anna, bert, carl] = owners as [Owner, Owner, Owner];
    openssl('smime', ...common, '-outform', 'DER', '-out', 'theirs.der', 'anna.pem');
    expect(contentOf('theirs.der', anna).equals(plaintext)).toBe(true);
    openssl('smime', ...common, '-outform', 'PEM', '-out', 'theirs.pem', 'anna.pem', 'bert.pem', 'carl.pem');
    expect(contentOf('theirs.pem', bert).equals(plaintext)).toBe(true);
    openssl('cms', ...common, '-stream', '-outform', 'DER', '-out', 'streamed.ber', 'bert.pem', 'carl.pem');
    expect(contentOf('streamed.ber', carl).equals(plaintext)).toBe(true);
  });
});

test("OpenSSL's own HKDF and GMAC make the tags that we make", async () => {
  const [anna] = owners as [Owner];
  const sealed = await seal(bytes(SEGMENT + 100), [anna]);
  const envelope = parseEnvelope(sealed.envelope);
  const dek = unwrapDek(envelope, anna);
  const hkdf = ['digest:SHA256', `hexkey:${dek.toString('hex')}`, `hexsalt:${envelope.iv.toString('hex')}`];
  const info = 'info:sealtrack/v1 segment tags pkcs7';
  const options = [...hkdf, info].flatMap((option) => ['-kdfopt', option]);
  const key = openssl('kdf', '-binary', '-keylen', '32', ...options, 'HKDF').toString('hex');

  const tag = (nonce: string, ...covered: Buffer[]): string => {
    writeFileSync(path('covered'), Buffer.concat(covered));
    const settings = ['-cipher', 'AES-256-GCM', '-macopt', `hexkey:${key}`, '-macopt', `hexiv:${nonce}`];
    return openssl('mac', '-binary', ...settings, '-in', 'covered', 'GMAC').toString('hex');
  };
  const [first, second] = [sealed.ciphertext.subarray(0, SEGMENT), sealed.ciphertext.subarray(SEGMENT)];
  const theirs = tag('000000000000000000000000', envelope.iv, first);
  expect(theirs + tag('000000000000000000000101', first.subarray(-16), second)).toBe(
    sealed.tags.toString('hex'),
  );

  const read = async function* (offset: number, length: number) {
    yield sealed.ciphertext.subarray(offset, offset + length);
  };
  const opened = await Array.fromAsync(openMedia({ ...sealed, iv: envelope.iv, dek }, read));
  expect(Buffer.concat(opened).equals(bytes(SEGMENT + 100))).toBe(true);
});
