import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createChecksum } from '@sealtrack/envelope/checksum';
import { decryptKeyHere } from '@sealtrack/envelope/decrypt-key';
import { parseEnvelope, suiteOf } from '@sealtrack/envelope/envelope';
import { serializeManifest, taggedMedia } from '@sealtrack/envelope/manifest';
import { isManifestAsWritten } from '@sealtrack/envelope/manifest-checksum';
import { openMedia } from '@sealtrack/envelope/open-media';
import type { PlaintextRange } from '@sealtrack/envelope/plaintext-range';
import { splicePkcs7 } from '@sealtrack/envelope/splice';
import { unsplice } from '@sealtrack/envelope/unsplice';
import { unwrapDek } from '@sealtrack/envelope/unwrap';
import { describe, expect, test } from 'vitest';
import { type FrozenMedia, frozenMedia, OWNERS, type Owner, plaintextOf } from './vectors.ts';

const SEGMENT = 262144;
const all = frozenMedia();
const sha256 = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex');

async function* inChunks(bytes: Buffer): AsyncGenerator<Buffer> {
  for (let at = 0; at < bytes.length; at += 50_000) yield bytes.subarray(at, at + 50_000);
}

const dekOf = ({ media }: FrozenMedia, owner: Owner): Promise<Buffer> =>
  unwrapDek(parseEnvelope(media.envelope), owner, decryptKeyHere);

async function open(frozen: FrozenMedia, dek: Buffer, range?: PlaintextRange): Promise<Buffer> {
  const { manifest, media, ciphertext } = frozen;
  const read = (offset: number, length: number) => inChunks(ciphertext.subarray(offset, offset + length));
  return Buffer.concat(await Array.fromAsync(openMedia(taggedMedia(manifest, media), dek, read, range)));
}

/** Empty, single bytes, and every way to begin and end before, at and behind a boundary. */
function rangesOf(size: number): [from: number, to: number][] {
  const around = [0, 1, SEGMENT - 1, SEGMENT, SEGMENT + 1, 2 * SEGMENT - 1, 2 * SEGMENT, size - 1, size];
  const positions = [...new Set(around)].filter((at) => at >= 0 && at <= size);
  return positions.flatMap((from) =>
    positions.filter((to) => to >= from).map((to): [number, number] => [from, to]),
  );
}

test('there are as many as were frozen', () => {
  expect(all.map(({ title }) => title).toSorted()).toHaveLength(15);
});

describe.each(all)('$title', (frozen) => {
  const { media, manifest, ciphertext, answers, owners, folder } = frozen;
  const plaintext = plaintextOf(media.plaintextSize);

  test('opens whole for each of its recipients, and for nobody else', async () => {
    expect(sha256(plaintext)).toBe(answers.plaintextSha256);
    expect(owners).toHaveLength(media.certificateIds.length);
    for (const owner of owners) {
      const dek = await dekOf(frozen, owner);
      expect(dek.toString('hex')).toBe(answers.dek);
      expect((await open(frozen, dek)).equals(plaintext)).toBe(true);
    }
    for (const stranger of OWNERS.filter((each) => !owners.includes(each))) {
      await expect(dekOf(frozen, stranger)).rejects.toMatchObject({ code: 'KEY_NOT_HELD' });
    }
  });

  test('opens in parts', async () => {
    const dek = Buffer.from(answers.dek, 'hex');
    for (const [from, to] of rangesOf(media.plaintextSize)) {
      const part = await open(frozen, dek, { offset: from, length: to - from });
      expect(part.equals(plaintext.subarray(from, to))).toBe(true);
    }
  });

  test('has the envelope, the checksum and the sizes that it had', () => {
    const envelope = parseEnvelope(media.envelope);
    expect(envelope.iv.toString('hex')).toBe(answers.iv);
    expect(suiteOf(envelope)).toBe(media.suite);
    expect(sha256(ciphertext)).toBe(answers.ciphertextSha256);
    const checksum = createChecksum();
    checksum.update(ciphertext);
    expect(checksum.digest()).toBe(media.checksum);
  });

  test('is spliced to the same file, which comes apart to the same', async () => {
    const { prefix, suffix, size } = splicePkcs7(media.envelope, ciphertext.length);
    const spliced = Buffer.concat([prefix, ciphertext, suffix]);
    expect(spliced.length).toBe(size);
    expect(sha256(spliced)).toBe(answers.splicedSha256);
    const file = join(folder, `${media.mediaId}.p7m`);
    expect(existsSync(file)).toBe(size <= 10_000);
    if (size <= 10_000) expect(spliced.equals(readFileSync(file))).toBe(true);

    const apart = await unsplice(inChunks(spliced));
    const pieces = await Array.fromAsync(apart.ciphertext ?? [], (piece) => Buffer.from(piece));
    expect(Buffer.concat(pieces).equals(ciphertext)).toBe(true);
    expect(apart.envelope().equals(media.envelope)).toBe(true);
  });

  test('its manifest is written as it was, but for the checksum that came later', () => {
    const before = readFileSync(frozen.manifestFile, 'utf8');
    const written = serializeManifest(manifest).toString();
    expect(written.replace(/ {2}"manifestChecksum": .*\n/, '')).toBe(before);
    expect(isManifestAsWritten(Buffer.from(written))).toBe(true);
    expect(isManifestAsWritten(Buffer.from(before))).toBeUndefined();
  });
});
