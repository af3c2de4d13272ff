import { createHash } from 'node:crypto';

export interface Tagged {
  readonly tenantId: string;
  readonly recordingId: string;
  readonly mediaId: string;
  readonly contentType: string;
  readonly size: number;
  /** Of the ciphertext, without a key. */
  readonly checksum: string;
}

/**
 * A strong entity tag: the same for as long as the media is byte for byte the same. Nothing of the recording itself is in it.
 * Undefined when there is no checksum, of a crypto server from before there were any.
 */
export function entityTag({ tenantId, recordingId, mediaId, contentType, size, checksum }: Tagged) {
  if (checksum === '') return undefined;
  const facts = JSON.stringify([tenantId, recordingId, mediaId, contentType, size, checksum]);
  return `"${createHash('sha256').update(facts).digest('base64url').slice(0, 27)}"`;
}
