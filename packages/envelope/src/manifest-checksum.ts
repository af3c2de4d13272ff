import { createChecksum } from './checksum.ts';

const DIGITS = 32;
const ZEROS = '0'.repeat(DIGITS);
/** Nothing else in the file looks like it: an attribute of that name is further in, and a string has no line breaks. */
const FIELD = '\n  "manifestChecksum": "gmac0:';

/** What the field holds before the checksum is made. */
export const NO_MANIFEST_CHECKSUM = `gmac0:${ZEROS}`;

/** Puts the checksum of a manifest, written with NO_MANIFEST_CHECKSUM, into it. */
export function withManifestChecksum(json: string): Buffer {
  const bytes = Buffer.from(json);
  const at = digitsOf(bytes);
  if (at !== undefined) bytes.write(checksumOf(bytes, at), at, 'latin1');
  return bytes;
}

/**
 * Whether the bytes of a manifest are those that were written, as far as that shows without a key; undefined when it is
 * from before there were checksums, and does not say.
 */
export function isManifestAsWritten(manifest: Uint8Array): boolean | undefined {
  const bytes = Buffer.from(manifest.buffer, manifest.byteOffset, manifest.byteLength);
  if (!bytes.includes('manifestChecksum')) return undefined;
  const at = digitsOf(bytes);
  return at !== undefined && bytes.toString('latin1', at, at + DIGITS) === checksumOf(bytes, at);
}

function digitsOf(bytes: Buffer): number | undefined {
  const at = bytes.indexOf(FIELD);
  return at === -1 ? undefined : at + FIELD.length;
}

/** Of all bytes, with zeros for its own digits, which are at `at`. */
function checksumOf(bytes: Buffer, at: number): string {
  const sum = createChecksum();
  sum.update(Buffer.concat([bytes.subarray(0, at), Buffer.from(ZEROS), bytes.subarray(at + DIGITS)]));
  return sum.digest().slice('gmac0:'.length);
}
