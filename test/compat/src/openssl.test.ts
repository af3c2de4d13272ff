import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { splicePkcs7 } from '@sealtrack/envelope/splice';
import { temporaryFolder } from '@sealtrack/testkit/temporary-folder';
import { afterAll, expect, test } from 'vitest';
import { frozenMedia, plaintextOf } from './vectors.ts';

const folder = await temporaryFolder();
afterAll(() => folder.remove());
const openssl = (...args: readonly string[]): Buffer =>
  execFileSync('openssl', args, { stdio: 'pipe', maxBuffer: 16 * 1024 * 1024 });

test.each(frozenMedia())('OpenSSL opens $title, spliced and detached', (frozen) => {
  const { media, ciphertext, ciphertextFile, owners } = frozen;
  const plaintext = plaintextOf(media.plaintextSize);
  const { prefix, suffix } = splicePkcs7(media.envelope, ciphertext.length);
  const [file, pem] = [join(folder.path, 'spliced.p7m'), join(folder.path, 'detached.pem')];
  writeFileSync(file, Buffer.concat([prefix, ciphertext, suffix]));
  const { media: written }: { media: { mediaId: string; pkcs7: string }[] } = JSON.parse(
    readFileSync(frozen.manifestFile, 'utf8'),
  );
  writeFileSync(pem, written.find(({ mediaId }) => mediaId === media.mediaId)?.pkcs7 ?? '');

  for (const { keyFile, certificateFile } of owners) {
    const identity = ['-inkey', keyFile, '-recip', certificateFile];
    const attached = ['-decrypt', '-binary', '-inform', 'DER', '-in', file, ...identity];
    const detached = ['-decrypt', '-binary', '-inform', 'PEM', '-in', pem, '-content', ciphertextFile];
    expect(openssl('cms', ...attached).equals(plaintext)).toBe(true);
    expect(openssl('cms', ...detached, ...identity).equals(plaintext)).toBe(true);
    if (media.suite === 'pkcs7') expect(openssl('smime', ...attached).equals(plaintext)).toBe(true);
  }
});
