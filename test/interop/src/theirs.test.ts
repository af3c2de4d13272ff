import { describe, expect, test } from 'vitest';
import { plaintextOf, SEGMENT, SIZES } from './testing/media.ts';
import { openForeign } from './testing/open-foreign.ts';
import { createOwners } from './testing/owners.ts';
import { createWorkbench } from './testing/workbench.ts';

const bench = await createWorkbench();
const owners = await createOwners(bench, [2048, 2048, 3072]);
const [anna] = owners;
const certificates = owners.map(({ certificateFile }) => certificateFile);

/** A file that `openssl cms` or `smime` made, as its arguments say. */
async function encrypt(command: string, plaintext: Buffer, ...args: readonly string[]): Promise<Buffer> {
  const [input, output] = [bench.write(plaintext), bench.fresh()];
  await bench.openssl(command, '-encrypt', '-binary', '-in', input, '-out', output, ...args);
  return bench.read(output);
}

const CBC = ['-aes-128-cbc', '-aes-192-cbc', '-aes-256-cbc', '-des3'];
const GCM = ['-aes-128-gcm', '-aes-192-gcm', '-aes-256-gcm'];
/** Attached, in every way that OpenSSL writes it; `-stream` is BER with indefinite lengths. */
const FORMS = ['DER', 'PEM', 'SMIME'].flatMap((form) => [
  ['-outform', form],
  ['-outform', form, '-stream'],
]);

describe.each([
  ['cms', CBC],
  ['cms', GCM],
  // PKCS#7 has no authenticated encryption.
  ['smime', CBC],
])('we open what openssl %s encrypts', (command, ciphers) => {
  test.each(ciphers)('with %s, in every form', async (cipher) => {
    const plaintext = plaintextOf(30_000);
    for (const form of FORMS) {
      const file = await encrypt(command, plaintext, cipher, ...form, anna.certificateFile);
      expect((await openForeign(file, anna)).equals(plaintext)).toBe(true);
    }
  });

  test.each(SIZES)('of %d bytes', async (size) => {
    const plaintext = plaintextOf(size);
    const cipher = ciphers.at(-1) ?? '';
    const file = await encrypt(command, plaintext, cipher, '-outform', 'DER', anna.certificateFile);
    expect((await openForeign(file, anna)).equals(plaintext)).toBe(true);
    // OpenSSL 3.0 itself fails at this one.
    if (size === 0 && cipher.endsWith('gcm')) return;
    const streamed = [cipher, '-stream', '-outform', 'DER', ...certificates];
    const ber = await encrypt(command, plaintext, ...streamed);
    for (const owner of owners) expect((await openForeign(ber, owner)).equals(plaintext)).toBe(true);
  });

  test.each(ciphers)('with %s over several segments', async (cipher) => {
    const plaintext = plaintextOf(3 * SEGMENT + 4321);
    const file = await encrypt(command, plaintext, cipher, '-outform', 'DER', ...certificates);
    for (const owner of owners) expect((await openForeign(file, owner)).equals(plaintext)).toBe(true);
  });
});
