import { parseEnvelope } from '@sealtrack/envelope/envelope';
import { envelopeMac } from '@sealtrack/envelope/envelope-mac';
import { deriveMediaKeys } from '@sealtrack/envelope/media-keys';
import { openMedia } from '@sealtrack/envelope/open-media';
import type { TaggedMedia } from '@sealtrack/envelope/sealed-media';
import { tagMedia } from '@sealtrack/envelope/tag-media';
import { loadMedia } from '../originals.ts';
import { createSource, drain, type HostileCase, MIB, refused } from './hostile-case.ts';

const originals = await Promise.all(
  ['pkcs7/one-recipient', 'cms/one-recipient'].map((name) => loadMedia(name)),
);
const CHUNK = Buffer.alloc(65_536, 7);
const NONE = Buffer.alloc(0);

/** Media for which somebody with the session key claims sizes that fit each other, with as many tags as are given. */
function claiming(
  { media, dek }: (typeof originals)[number],
  ciphertextSize: number,
  tags: Buffer,
): TaggedMedia {
  const { cipher, iv } = parseEnvelope(media.envelope);
  const plaintextSize = cipher === 'AES-256-GCM' ? ciphertextSize : ciphertextSize - 1;
  const claimed = { ...media, ciphertextSize, plaintextSize, tags };
  return {
    ...claimed,
    envelopeMac: envelopeMac(deriveMediaKeys(dek, iv, cipher, claimed.tagSalt).macKey, claimed),
  };
}

export const HOSTILE_MEDIA: readonly HostileCase[] = originals.flatMap((original) => {
  const { name, media, dek, ciphertext } = original;
  const open = (claimed: TaggedMedia, most: number) => {
    const source = createSource(NONE, CHUNK, Number.POSITIVE_INFINITY, most);
    return drain(openMedia(claimed, dek, () => source));
  };
  return [
    ...[2 ** 31, 2 ** 32, 2 ** 40, 2 ** 47, 2 ** 53 - 32].map((size) =>
      refused(`media: ${size} bytes claimed, ${name}`, 'DECRYPTION_FAILED', () =>
        open(claiming(original, size, media.tags), 0),
      ),
    ),
    refused(`media: 64 GiB less a little, with all tags, ${name}`, 'DECRYPTION_FAILED', () =>
      open(claiming(original, 2 ** 36 - 32, Buffer.alloc(2 ** 22)), 5 * CHUNK.length),
    ),
    refused(`media: a store without an end, ${name}`, 'DECRYPTION_FAILED', () => {
      const source = createSource(
        ciphertext,
        CHUNK,
        Number.POSITIVE_INFINITY,
        ciphertext.length + CHUNK.length,
      );
      return drain(openMedia(media, dek, () => source));
    }),
    refused(`media: a store of single bytes, ${name}`, 'DECRYPTION_FAILED', () => {
      const source = createSource(NONE, Buffer.of(7), Number.POSITIVE_INFINITY, 300_000);
      return drain(
        openMedia(claiming(original, 270_000 - (270_000 % 16), Buffer.alloc(32)), dek, () => source),
      );
    }),
    refused(`media: 256 MiB without tags, ${name}`, 'DECRYPTION_FAILED', () =>
      tagMedia(media.envelope, dek, createSource(NONE, CHUNK, 256 * MIB)),
    ),
  ];
});
