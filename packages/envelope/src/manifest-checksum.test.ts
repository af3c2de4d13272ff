import { expect, test } from 'vitest';
import { isManifestAsWritten, NO_MANIFEST_CHECKSUM, withManifestChecksum } from './manifest-checksum.ts';

const manifest = withManifestChecksum(
  `${JSON.stringify({ attributes: { manifestChecksum: NO_MANIFEST_CHECKSUM }, manifestChecksum: NO_MANIFEST_CHECKSUM }, null, 2)}\n`,
);

test('a manifest as it was written is known as such', () => {
  expect(isManifestAsWritten(manifest)).toBe(true);
  expect(JSON.parse(manifest.toString())).toEqual({
    attributes: { manifestChecksum: NO_MANIFEST_CHECKSUM },
    manifestChecksum: expect.not.stringContaining(NO_MANIFEST_CHECKSUM),
  });
});

test('a bit that turned anywhere shows, in the checksum as well', () => {
  for (let bit = 0; bit < manifest.length * 8; bit += 1) {
    const rotten = Buffer.from(manifest);
    rotten[bit >> 3] = (rotten[bit >> 3] ?? 0) ^ (1 << (bit & 7));
    expect([bit, isManifestAsWritten(rotten)]).toEqual([bit, false]);
  }
});

test('what was cut off, added or put into another layout shows', () => {
  expect(isManifestAsWritten(manifest.subarray(0, -1))).toBe(false);
  expect(isManifestAsWritten(Buffer.concat([manifest, Buffer.from(' ')]))).toBe(false);
  expect(isManifestAsWritten(Buffer.from(JSON.stringify(JSON.parse(manifest.toString()))))).toBe(false);
});

test('one from before there were checksums does not say', () => {
  expect(isManifestAsWritten(Buffer.from('{}\n'))).toBeUndefined();
});
