import { describe, expect, test } from 'vitest';
import { plaintextOf, SIZES, seal, spliced } from './testing/media.ts';
import { createOwners } from './testing/owners.ts';
import { createWorkbench } from './testing/workbench.ts';

const bench = await createWorkbench();
const owners = await createOwners(bench, [2048, 2048, 3072]);
const [anna] = owners;

/** Which of OpenSSL's commands opens what. */
const COMMANDS = { pkcs7: ['smime', 'cms'], cms: ['cms'] } as const;

describe.each(['pkcs7', 'cms'] as const)('OpenSSL opens media sealed with suite %s', (suite) => {
  test.each(SIZES)('%d bytes, for one and for three', async (size) => {
    const plaintext = plaintextOf(size);
    for (const to of [[anna], owners]) {
      const file = bench.write(spliced(await seal(suite, plaintext, to)));
      for (const command of COMMANDS[suite]) {
        for (const { keyFile, certificateFile } of to) {
          const input = ['-decrypt', '-binary', '-inform', 'DER', '-in', file];
          const opened = await bench.openssl(command, ...input, '-inkey', keyFile, '-recip', certificateFile);
          expect(opened.equals(plaintext)).toBe(true);
        }
      }
    }
  });

  test('with nothing but the key, when it is for one', async () => {
    const plaintext = plaintextOf(1000);
    const file = bench.write(spliced(await seal(suite, plaintext, [anna])));
    for (const command of COMMANDS[suite]) {
      const input = ['-decrypt', '-binary', '-inform', 'DER', '-in', file];
      expect((await bench.openssl(command, ...input, '-inkey', anna.keyFile)).equals(plaintext)).toBe(true);
    }
  });
});
