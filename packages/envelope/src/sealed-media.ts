import type { SuiteName } from './suites.ts';

/** What must be kept, beside the ciphertext, to open a media file. Sizes in bytes. */
export interface SealedMedia {
  readonly suite: SuiteName;
  /** Detached ContentInfo in DER. */
  readonly envelope: Buffer;
  /** 32 bytes: envelope-mac.ts. */
  readonly envelopeMac: Buffer;
  readonly plaintextSize: number;
  readonly ciphertextSize: number;
  /**
   * Of media that got their tags after they were encrypted, 16 bytes: the same session key may have had to tag something
   * else before, and no nonce may be used twice.
   */
  readonly tagSalt?: Buffer | undefined;
  /** 16 bytes for every segment, in order. */
  readonly tags: Buffer;
  /** Of the ciphertext, without a key: see checksum.ts. */
  readonly checksum: string;
  /** How loud it is over its time, encrypted: sealed-waveform.ts. */
  readonly waveform?: Buffer | undefined;
}

/** What opening takes of it, with what the envelope was bound to when it was sealed. */
export type TaggedMedia = Omit<SealedMedia, 'suite' | 'checksum' | 'waveform'> & {
  readonly boundTo: readonly string[];
};

/** What says which session key is the media's, without the tags that prove its bytes. */
export type EnvelopedMedia = Omit<TaggedMedia, 'tags'>;
