import type { KeyObject } from 'node:crypto';
import { createChecksum } from './checksum.ts';
import { CONTEXT_SIZE, firstContext, segmentTag } from './segment-tags.ts';

/** What is kept of a ciphertext beside it. */
export interface CiphertextSums {
  /** Bytes. */
  readonly ciphertextSize: number;
  /** 16 bytes for every segment, in order. */
  readonly tags: Buffer;
  /** Without a key: see checksum.ts. */
  readonly checksum: string;
}

/** Sums up a ciphertext that comes segment by segment, the last of them being known as such. */
export function createSummer(tagKey: KeyObject, iv: Uint8Array) {
  const tags: Buffer[] = [];
  const checksum = createChecksum();
  const context = firstContext(iv);
  let ciphertextSize = 0;
  return {
    add(isLast: boolean, segment: Uint8Array): void {
      tags.push(segmentTag(tagKey, tags.length, isLast, context, segment));
      checksum.update(segment);
      ciphertextSize += segment.length;
      if (!isLast) context.set(segment.subarray(-CONTEXT_SIZE));
    },
    /** Once. */
    result: (): CiphertextSums => ({
      ciphertextSize,
      tags: Buffer.concat(tags),
      checksum: checksum.digest(),
    }),
  };
}
