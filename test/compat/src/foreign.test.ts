import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { decodeArmor } from '@sealtrack/envelope/armor';
import { decryptKeyHere } from '@sealtrack/envelope/decrypt-key';
import { parseEnvelope } from '@sealtrack/envelope/envelope';
import { openMedia } from '@sealtrack/envelope/open-media';
import { tagMedia } from '@sealtrack/envelope/tag-media';
import { unsplice } from '@sealtrack/envelope/unsplice';
import { unwrapDek } from '@sealtrack/envelope/unwrap';
import { expect, test } from 'vitest';
import { type Owner, ownerOf, plaintextOf, VECTORS } from './vectors.ts';

const [anna, bert] = ['anna', 'bert'].map(ownerOf) as [Owner, Owner];

async function* once(bytes: Buffer): AsyncGenerator<Buffer> {
  yield bytes;
}

async function open(file: Buffer, owner: Owner, detached?: Buffer): Promise<Buffer> {
  const apart = await unsplice(decodeArmor(once(file)));
  const pieces = await Array.fromAsync(apart.ciphertext ?? [], (piece) => Buffer.from(piece));
  const ciphertext = detached ?? Buffer.concat(pieces);
  const envelope = apart.envelope();
  const dek = await unwrapDek(parseEnvelope(envelope), owner, decryptKeyHere);
  const tagged = await tagMedia(envelope, dek, once(ciphertext));
  const read = (offset: number, length: number) => once(ciphertext.subarray(offset, offset + length));
  return Buffer.concat(await Array.fromAsync(openMedia(tagged, dek, read)));
}

const folder = join(VECTORS, 'foreign');

test.each(readdirSync(folder))('what others wrote opens: %s', async (name) => {
  const file = readFileSync(join(folder, name));
  const isForBoth = name.endsWith('.ber');
  for (const owner of isForBoth ? [anna, bert] : [anna]) {
    expect((await open(file, owner)).equals(plaintextOf(3000))).toBe(true);
  }
  if (!isForBoth) await expect(open(file, bert)).rejects.toMatchObject({ code: 'KEY_NOT_HELD' });
});

test('what Genesys writes opens as it is', async () => {
  const [pem, ciphertext] = ['call.pem', 'call.enc'].map((name) =>
    readFileSync(join(VECTORS, 'genesys', name)),
  ) as [Buffer, Buffer];
  expect((await open(pem, anna, ciphertext)).equals(plaintextOf(3000))).toBe(true);
});
