import { describe, expect, test } from 'vitest';
import { parseEnvelope, suiteOf } from './envelope.ts';
import { recipientFromCertificate } from './recipient.ts';
import { rewrapMedia } from './rewrap.ts';
import { SEGMENT_SIZE } from './segment-tags.ts';
import { SUITE_NAMES } from './suites.ts';
import { createOwner, dekOf, inChunks, open, patterned, sealFor, tagged } from './test-media.ts';

const [old, anna, bert] = [await createOwner('old'), await createOwner('anna'), await createOwner('bert')];
const plaintext = patterned(SEGMENT_SIZE + 100);
const successors = [anna, bert].map(({ certificate }) => recipientFromCertificate(certificate));

describe.each(SUITE_NAMES)('re-wrapping %s', (suite) => {
  test('gives the media to others, and takes it from those who had it', async () => {
    const sealed = await sealFor([old], inChunks(plaintext), { suite });
    const rewrapped = { ...sealed, ...rewrapMedia(tagged(sealed), await dekOf(sealed, old), successors) };
    for (const owner of [anna, bert]) expect((await open(rewrapped, owner)).equals(plaintext)).toBe(true);
    await expect(open(rewrapped, old)).rejects.toMatchObject({ code: 'KEY_NOT_HELD' });
  });

  test('touches neither tags, sizes nor the content encryption', async () => {
    const sealed = await sealFor([old], inChunks(plaintext), { suite });
    const media = tagged(sealed);
    const { envelope, envelopeMac, ...same } = rewrapMedia(media, await dekOf(sealed, old), successors);
    const { envelope: before, envelopeMac: macBefore, ...others } = media;
    expect(same).toEqual(others);
    expect(envelopeMac.equals(macBefore)).toBe(false);
    const [was, is] = [parseEnvelope(before), parseEnvelope(envelope)];
    expect({ iv: is.iv, mac: is.mac, suite: suiteOf(is) }).toEqual({ iv: was.iv, mac: was.mac, suite });
  });

  test('never gives out a key that does not open the media', async () => {
    const sealed = await sealFor([old], inChunks(plaintext), { suite });
    const other = await sealFor([old], inChunks(plaintext), { suite });
    const dek = await dekOf(other, old);
    expect(() => rewrapMedia(tagged(sealed), dek, successors)).toThrow(
      expect.objectContaining({ code: 'DECRYPTION_FAILED' }),
    );
  });

  test('wants recipients, each once', async () => {
    const sealed = await sealFor([old], inChunks(plaintext), { suite });
    const dek = await dekOf(sealed, old);
    for (const recipients of [[], [...successors, ...successors]])
      expect(() => rewrapMedia(tagged(sealed), dek, recipients)).toThrow(/to encrypt to/);
  });
});
