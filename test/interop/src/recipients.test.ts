import { rewrapMedia } from '@sealtrack/envelope/rewrap';
import { describe, expect, test } from 'vitest';
import { BOUND_TO, collect, dekOf, openTagged, plaintextOf, seal, spliced } from './testing/media.ts';
import { createOwners, type Owner } from './testing/owners.ts';
import { createWorkbench } from './testing/workbench.ts';

const bench = await createWorkbench();
const owners = await createOwners(bench, [2048, 3072, 4096, 2048, 2048, 3072, 2048, 2048]);
const plaintext = plaintextOf(300_000);

const decrypt = async (command: string, file: string, owner: Owner): Promise<Buffer> =>
  bench.openssl(
    ...[command, '-decrypt', '-binary', '-inform', 'DER', '-in', file],
    ...['-inkey', owner.keyFile, '-recip', owner.certificateFile],
  );

describe.each(['pkcs7', 'cms'] as const)('suite %s', (suite) => {
  test.each([1, 2, 3, 4, 5, 6, 7, 8])('of %d recipients, each opens it with OpenSSL and here', async (n) => {
    const to = owners.slice(0, n);
    const sealed = await seal(suite, plaintext, to);
    const file = bench.write(spliced(sealed));
    for (const owner of to) {
      expect((await decrypt('cms', file, owner)).equals(plaintext)).toBe(true);
      const dek = await dekOf(sealed.envelope, owner);
      const opened = await collect(openTagged({ ...sealed, boundTo: BOUND_TO }, dek, sealed.ciphertext));
      expect(opened.equals(plaintext)).toBe(true);
    }
  });

  test('wrapped anew, it opens for the new recipients and not for the old ones', async () => {
    const [anna, bert, caecilie, ...others] = owners;
    const sealed = await seal(suite, plaintext, [anna, bert]);
    const dek = await dekOf(sealed.envelope, bert);
    const recipients = [caecilie, ...others].map(({ recipient }) => recipient);
    const rewrapped = rewrapMedia({ ...sealed, boundTo: BOUND_TO }, dek, recipients);
    expect(rewrapped.tags.equals(sealed.tags)).toBe(true);

    const file = bench.write(spliced({ ...rewrapped, ciphertext: sealed.ciphertext }));
    for (const owner of [caecilie, ...others]) {
      expect((await decrypt('cms', file, owner)).equals(plaintext)).toBe(true);
      if (suite === 'pkcs7') expect((await decrypt('smime', file, owner)).equals(plaintext)).toBe(true);
      const opened = openTagged(rewrapped, await dekOf(rewrapped.envelope, owner), sealed.ciphertext);
      expect((await collect(opened)).equals(plaintext)).toBe(true);
    }
    const debug = ['cms', '-decrypt', '-debug_decrypt', '-binary', '-inform', 'DER', '-in', file];
    const asAnna = bench.openssl(...debug, '-inkey', anna.keyFile, '-recip', anna.certificateFile);
    await expect(asAnna).rejects.toThrow('Error decrypting CMS using private key');
    await expect(dekOf(rewrapped.envelope, anna)).rejects.toMatchObject({ code: 'KEY_NOT_HELD' });
  });
});
