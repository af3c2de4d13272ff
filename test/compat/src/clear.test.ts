import { createCipheriv } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { cli } from '@sealtrack/cli/testing/run-cli';
import { openClearMedia } from '@sealtrack/envelope/clear-media';
import { isClear, parseManifest, serializeManifest } from '@sealtrack/envelope/manifest';
import { isManifestAsWritten } from '@sealtrack/envelope/manifest-checksum';
import { describe, expect, test } from 'vitest';
import { plaintextOf, VECTORS } from './vectors.ts';

const SEGMENT = 262_144;

/** As docs/envelope.md has it (5, 13), with nothing of the code. */
function tagsOf(bytes: Buffer): Buffer {
  const tags: Buffer[] = [];
  const count = Math.max(1, Math.ceil(bytes.length / SEGMENT));
  for (let i = 0; i < count; i += 1) {
    const nonce = Buffer.alloc(12);
    nonce.writeUInt32BE(i, 7);
    nonce.writeUInt8(i === count - 1 ? 1 : 0, 11);
    const previous = i === 0 ? Buffer.alloc(16) : bytes.subarray(i * SEGMENT - 16, i * SEGMENT);
    tags.push(gmac(nonce, previous, bytes.subarray(i * SEGMENT, (i + 1) * SEGMENT)));
  }
  return Buffer.concat(tags);
}

function gmac(nonce: Buffer, ...parts: readonly Buffer[]): Buffer {
  const mac = createCipheriv('aes-256-gcm', Buffer.alloc(32), nonce);
  mac.setAAD(Buffer.concat(parts));
  mac.final();
  return mac.getAuthTag();
}

describe.each([
  ['one-segment', 262_144],
  ['two-segments-and-more', 525_522],
])('clear/%s', (name, size) => {
  const folder = join(VECTORS, 'clear', name);
  const json = readFileSync(join(folder, 'recording.json'));
  const bytes = readFileSync(join(folder, 'main.enc'));
  const manifest = parseManifest(json);
  const [media] = manifest.media.filter(isClear);
  if (media === undefined) throw new Error('no media in clear');

  test('is what it was, and is written as it was', () => {
    expect(manifest).toMatchObject({ mediaType: 'voice', inClear: { policy: 'optional' } });
    expect(media).toMatchObject({ suite: 'clear', plaintextSize: size, certificateIds: [] });
    expect(isManifestAsWritten(json)).toBe(true);
    expect(serializeManifest(manifest).equals(json)).toBe(true);
  });

  test('opens whole and in parts', async () => {
    const plaintext = plaintextOf(size);
    expect(bytes.equals(plaintext)).toBe(true);
    async function* read(offset: number, length: number) {
      for (let at = offset; at < offset + length; at += 50_000)
        yield bytes.subarray(at, Math.min(at + 50_000, offset + length));
    }
    for (const [from, to] of [
      [0, size],
      [SEGMENT - 1, Math.min(SEGMENT + 1, size)],
      [size - 1, size],
    ] as const) {
      const parts = await Array.fromAsync(openClearMedia(media, read, { offset: from, length: to - from }));
      expect(Buffer.concat(parts).equals(plaintext.subarray(from, to))).toBe(true);
    }
  });

  test('has the tags and the checksum that the page says', () => {
    expect(media.tags.equals(tagsOf(bytes))).toBe(true);
    expect(media.checksum).toBe(`gmac0:${gmac(Buffer.alloc(12), bytes).toString('hex')}`);
  });

  test('is found whole by the command line', async () => {
    for (const command of ['scrub', 'verify'])
      expect(await cli(['envelope', command, join(folder, 'recording.json')])).toMatchObject({ code: 0 });
  });
});
