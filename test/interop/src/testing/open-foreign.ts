import { decodeArmor } from '@sealtrack/envelope/armor';
import { tagMedia } from '@sealtrack/envelope/tag-media';
import { unsplice } from '@sealtrack/envelope/unsplice';
import { collect, dekOf, inChunks, openTagged } from './media.ts';
import type { Owner } from './owners.ts';

/** What was made of a file, in any form, that somebody else wrote: the detached envelope and its ciphertext. */
export async function takeApart(file: Buffer): Promise<{ envelope: Buffer; ciphertext: Buffer | undefined }> {
  const { ciphertext, envelope } = await unsplice(decodeArmor(inChunks(file, 1000)));
  const content = ciphertext === undefined ? undefined : await collect(ciphertext);
  return { ciphertext: content, envelope: envelope() };
}

/** Its plaintext, the way files without tags are opened: verified first, then read again. `emit` gets every byte. */
export async function openForeign(
  file: Buffer,
  owner: Owner,
  detached?: Buffer,
  emit: (plaintext: Buffer) => void = () => {},
): Promise<Buffer> {
  const { envelope, ciphertext = detached } = await takeApart(file);
  if (ciphertext === undefined) throw new Error('The file is detached, and there is no ciphertext');
  const dek = await dekOf(envelope, owner);
  const tagged = await tagMedia(envelope, dek, inChunks(ciphertext));
  const plaintext: Buffer[] = [];
  for await (const chunk of openTagged(tagged, dek, ciphertext)) {
    emit(chunk);
    plaintext.push(Buffer.from(chunk));
  }
  return Buffer.concat(plaintext);
}
