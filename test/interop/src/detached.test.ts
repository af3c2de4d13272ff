import { parseManifest, sealedMedia, serializeManifest } from '@sealtrack/envelope/manifest';
import { rewrapMedia } from '@sealtrack/envelope/rewrap';
import type { SuiteName } from '@sealtrack/envelope/suites';
import { describe, expect, test } from 'vitest';
import { manifestOf } from './testing/manifest.ts';
import { BOUND_TO, dekOf, plaintextOf, SEGMENT, type Sealed, SIZES, seal, spliced } from './testing/media.ts';
import { takeApart } from './testing/open-foreign.ts';
import { createOwners } from './testing/owners.ts';
import { createWorkbench } from './testing/workbench.ts';

const bench = await createWorkbench();
const owners = await createOwners(bench, [2048, 2048, 3072]);
const [anna, bert, caecilie] = owners;

/** As it stands in the recording.json on the disk. */
function pemOf(sealed: Sealed): string {
  const file: unknown = JSON.parse(serializeManifest(manifestOf(sealed, [anna])).toString());
  return (file as { media: { pkcs7: string }[] }).media[0]?.pkcs7 ?? '';
}

async function rewrapped(suite: SuiteName, plaintext: Buffer): Promise<Sealed> {
  const sealed = await seal(suite, plaintext, [anna]);
  const dek = await dekOf(sealed.envelope, anna);
  return {
    ...sealed,
    ...rewrapMedia({ ...sealed, boundTo: BOUND_TO }, dek, [bert.recipient, caecilie.recipient]),
  };
}

describe.each(['pkcs7', 'cms'] as const)('suite %s, detached', (suite) => {
  test.each(SIZES)('%d bytes: OpenSSL takes the manifest\u2019s PEM and the ciphertext', async (size) => {
    const plaintext = plaintextOf(size);
    const sealed = await seal(suite, plaintext, owners);
    const files = ['-in', bench.write(pemOf(sealed)), '-content', bench.write(sealed.ciphertext)];
    for (const { keyFile, certificateFile } of owners) {
      const identity = ['-inkey', keyFile, '-recip', certificateFile];
      const opened = await bench.openssl(
        'cms',
        '-decrypt',
        '-binary',
        '-inform',
        'PEM',
        ...files,
        ...identity,
      );
      expect(opened.equals(plaintext)).toBe(true);
    }
  });

  test('wrapped anew as well', async () => {
    const plaintext = plaintextOf(SEGMENT + 1);
    const sealed = await rewrapped(suite, plaintext);
    const files = ['-in', bench.write(pemOf(sealed)), '-content', bench.write(sealed.ciphertext)];
    for (const { keyFile, certificateFile } of [bert, caecilie]) {
      const identity = ['-inkey', keyFile, '-recip', certificateFile];
      const opened = await bench.openssl(
        'cms',
        '-decrypt',
        '-binary',
        '-inform',
        'PEM',
        ...files,
        ...identity,
      );
      expect(opened.equals(plaintext)).toBe(true);
    }
  });

  test('the PEM comes back from the manifest as the same DER', async () => {
    const sealed = await seal(suite, plaintextOf(100), owners);
    const [media] = parseManifest(serializeManifest(manifestOf(sealed, owners))).media.map(sealedMedia);
    expect(media?.envelope.equals(sealed.envelope)).toBe(true);
    const file = bench.write(pemOf(sealed));
    const again = await bench.openssl('cms', '-cmsout', '-inform', 'PEM', '-in', file, '-outform', 'DER');
    expect(again.equals(sealed.envelope)).toBe(true);
  });
});

describe.each(['pkcs7', 'cms'] as const)('suite %s, spliced', (suite) => {
  test.each([0, 1000, SEGMENT + 1])('%d bytes are DER to OpenSSL', async (size) => {
    for (const sealed of [
      await seal(suite, plaintextOf(size), owners),
      await rewrapped(suite, plaintextOf(size)),
    ]) {
      const file = spliced(sealed);
      const input = ['-inform', 'DER', '-in', bench.write(file)];
      // It writes what it understood, anew.
      const again = await bench.openssl('cms', '-cmsout', ...input, '-outform', 'DER');
      expect(again.equals(file)).toBe(true);
      if (suite === 'pkcs7') {
        expect((await bench.openssl('pkcs7', ...input, '-outform', 'DER')).equals(file)).toBe(true);
      }
      const apart = await takeApart(file);
      expect(apart.envelope.equals(sealed.envelope)).toBe(true);
      expect(apart.ciphertext?.equals(sealed.ciphertext)).toBe(true);
    }
  });
});
