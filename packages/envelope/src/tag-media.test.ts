import { createCipheriv, randomBytes } from 'node:crypto';
import { contextTag, element, octetString, oid, sequence, setOf } from '@sealtrack/certificates/der';
import fc from 'fast-check';
import { describe, expect, test, vi } from 'vitest';
import { CONTENT_CIPHERS, type ContentCipherName } from './content-ciphers.ts';
import { encodeContentEncryption } from './content-encryption.ts';
import {
  AUTH_ENVELOPED_DATA,
  encodeContentInfo,
  encodeEnvelope,
  encodeHead,
  ID_DATA,
} from './encode-envelope.ts';
import { parseEnvelope, suiteOf } from './envelope.ts';
import { PKCS1_V1_5 } from './key-transport.ts';
import { openMedia } from './open-media.ts';
import { recipientFromCertificate } from './recipient.ts';
import { SEGMENT_SIZE } from './segment-tags.ts';
import { tagMedia } from './tag-media.ts';
import { collect, createOwner, inChunks, patterned, readFrom, sealFor } from './test-media.ts';

const S = SEGMENT_SIZE;
const owner = await createOwner('owner');
const NAMES = Object.keys(CONTENT_CIPHERS) as ContentCipherName[];

/** As another system would have encrypted it: no tags. */
function foreign(name: ContentCipherName, plaintext: Buffer) {
  const cipher = CONTENT_CIPHERS[name];
  const [dek, iv] = [randomBytes(cipher.keySize), randomBytes(cipher.ivSize)];
  const encryptor = cipher.createEncryptor(dek, iv);
  const ciphertext = Buffer.concat([encryptor.update(plaintext), encryptor.final()]);
  const head = encodeHead(PKCS1_V1_5, [recipientFromCertificate(owner.certificate)], dek);
  return { dek, ciphertext, envelope: encodeEnvelope(cipher, head, iv, encryptor.mac()) };
}

const flipped = (bytes: Buffer, at: number): Buffer => {
  const copy = Buffer.from(bytes);
  copy[at] = (copy[at] ?? 0) ^ 1;
  return copy;
};

describe.each(NAMES)('%s without tags', (name) => {
  test.each([0, 1, 7, 8, 16, 1000, S - 1, S, S + 1, 2 * S])(
    '%d bytes open once they have some',
    async (size) => {
      const plaintext = patterned(size);
      const { dek, ciphertext, envelope } = foreign(name, plaintext);
      const media = await tagMedia(envelope, dek, inChunks(ciphertext));
      expect(media).toMatchObject({ plaintextSize: size, ciphertextSize: ciphertext.length });
      expect((await collect(openMedia(media, dek, readFrom(ciphertext)))).equals(plaintext)).toBe(true);
      if (size < 20) return;
      const range = openMedia(media, dek, readFrom(ciphertext), { offset: size - 20, length: 15 });
      expect((await collect(range)).equals(plaintext.subarray(size - 20, size - 5))).toBe(true);
    },
  );

  test('a key of another length opens nothing', async () => {
    const { ciphertext, envelope } = foreign(name, patterned(100));
    await expect(tagMedia(envelope, Buffer.alloc(8), inChunks(ciphertext))).rejects.toMatchObject({
      code: 'DECRYPTION_FAILED',
    });
  });

  test('from its tags on, a changed byte is an error', async () => {
    const { dek, ciphertext, envelope } = foreign(name, patterned(S + 100));
    const media = await tagMedia(envelope, dek, inChunks(ciphertext));
    const opened = openMedia(media, dek, readFrom(flipped(ciphertext, 3)));
    await expect(collect(opened)).rejects.toMatchObject({ code: 'DECRYPTION_FAILED' });
  });
});

test.each(NAMES.filter((name) => name.endsWith('GCM')))('%s: any change is found before', async (name) => {
  const { dek, ciphertext, envelope } = foreign(name, patterned(1000));
  for (const damaged of [flipped(ciphertext, 500), ciphertext.subarray(1), Buffer.alloc(0)])
    await expect(tagMedia(envelope, dek, inChunks(damaged))).rejects.toMatchObject({
      code: 'DECRYPTION_FAILED',
    });
});

test('what a cipher refuses to read is an error like any other', async () => {
  const { dek, ciphertext, envelope } = foreign('AES-256-GCM', patterned(1000));
  const refuse = (): never => {
    throw new Error('Trying to add data in unsupported state');
  };
  // As OpenSSL does after 64 GiB, which would take too long here.
  const check = vi.spyOn(CONTENT_CIPHERS['AES-256-GCM'], 'createCheck');
  check.mockReturnValue({ update: refuse, final: refuse });
  try {
    await expect(tagMedia(envelope, dek, inChunks(ciphertext))).rejects.toMatchObject({
      code: 'DECRYPTION_FAILED',
    });
  } finally {
    check.mockRestore();
  }
});

test.each(NAMES.filter((name) => name.endsWith('CBC')))(
  '%s: only the padding says anything',
  async (name) => {
    const { dek, envelope } = foreign(name, patterned(1000));
    const { iv } = parseEnvelope(envelope);
    const raw = createCipheriv(name.toLowerCase(), dek, iv).setAutoPadding(false);
    const unpadded = Buffer.concat([raw.update(Buffer.alloc(1008)), raw.final()]);
    for (const damaged of [unpadded, unpadded.subarray(0, -1), Buffer.alloc(0)])
      await expect(tagMedia(envelope, dek, inChunks(damaged))).rejects.toMatchObject({
        code: 'DECRYPTION_FAILED',
      });
  },
);

test('gives the tags that sealing gives, however the source cuts its chunks', async () => {
  const dek = randomBytes(32);
  const iv = randomBytes(16);
  const given = [Buffer.from(dek), iv];
  const plaintext = patterned(2 * S + 77);
  const sealed = await sealFor([owner], inChunks(plaintext), {
    randomBytes: () => given.shift() ?? Buffer.alloc(0),
    boundTo: ['a'],
  });
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 500, max: 2 * S }), async (size) => {
      const media = await tagMedia(sealed.envelope, dek, inChunks(sealed.ciphertext, size), ['a'], () =>
        Buffer.alloc(0),
      );
      const { suite, ciphertext: _, ...rest } = sealed;
      expect(media).toEqual({ ...rest, boundTo: ['a'], tagSalt: Buffer.alloc(0) });
      expect(suiteOf(parseEnvelope(media.envelope))).toBe(suite);
    }),
    { numRuns: 20 },
  );
});

test('authenticated attributes count for the MAC, as a SET OF (RFC 5083, 2.2)', async () => {
  const cipher = CONTENT_CIPHERS['AES-256-GCM'];
  const [dek, iv, plaintext] = [randomBytes(32), randomBytes(12), patterned(1000)];
  const attribute = sequence(oid('1.2.840.113549.1.9.3'), setOf(oid(ID_DATA)));
  const encryptor = createCipheriv('aes-256-gcm', dek, iv, { authTagLength: 16 }).setAAD(setOf(attribute));
  const ciphertext = Buffer.concat([encryptor.update(plaintext), encryptor.final()]);
  const envelope = (...attributes: Buffer[]): Buffer =>
    encodeContentInfo({
      contentInfoType: AUTH_ENVELOPED_DATA,
      head: encodeHead(PKCS1_V1_5, [recipientFromCertificate(owner.certificate)], dek),
      contentType: oid(ID_DATA),
      contentEncryption: encodeContentEncryption(cipher, iv),
      tail: [...attributes, octetString(encryptor.getAuthTag())],
    });
  const media = await tagMedia(envelope(element(contextTag(1, true), attribute)), dek, inChunks(ciphertext));
  expect((await collect(openMedia(media, dek, readFrom(ciphertext)))).equals(plaintext)).toBe(true);
  const without = tagMedia(envelope(), dek, inChunks(ciphertext));
  await expect(without).rejects.toMatchObject({ code: 'DECRYPTION_FAILED' });
});

test('never uses a nonce again under one session key, whatever it tags', async () => {
  const { dek, ciphertext, envelope } = foreign('AES-256-CBC', patterned(1000));
  const once = await tagMedia(envelope, dek, inChunks(ciphertext));
  const again = await tagMedia(envelope, dek, inChunks(ciphertext));
  expect(again.tags.equals(once.tags)).toBe(false);
  // Each opens by its own salt, and by no other.
  const { tagSalt, ...unsalted } = once;
  expect(tagSalt).toHaveLength(16);
  for (const other of [unsalted, { ...once, tagSalt: again.tagSalt }])
    await expect(collect(openMedia(other, dek, readFrom(ciphertext)))).rejects.toMatchObject({
      code: 'DECRYPTION_FAILED',
    });
});
