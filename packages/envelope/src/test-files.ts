import {
  contextTag,
  element,
  integer,
  octetString,
  oid,
  sequence,
  setOf,
  TAG,
} from '@sealtrack/certificates/der';
import { AUTH_ENVELOPED_DATA, ENVELOPED_DATA, type EnvelopeParts, ID_DATA } from './encode-envelope.ts';
import { unsplice } from './unsplice.ts';

/** PKCS#7 and CMS files built by hand, for the tests of what reads them. */

/** An element up to an end-of-contents. */
export const indefinite = (tag: number, ...contents: readonly Uint8Array[]): Buffer =>
  Buffer.concat([Buffer.of(tag, 0x80), ...contents, Buffer.of(0, 0)]);

/** What both kinds of envelope can have; nothing in it is encrypted to anybody. */
export const ENVELOPED: EnvelopeParts = {
  contentInfoType: ENVELOPED_DATA,
  head: [integer(Buffer.of(0)), setOf(sequence(integer(Buffer.of(0))))],
  contentType: oid(ID_DATA),
  contentEncryption: sequence(oid('2.16.840.1.101.3.4.1.42'), octetString(Buffer.alloc(16, 7))),
  tail: [],
};
const attributes = (n: number): Buffer => element(contextTag(n, true), sequence(oid('1.2.3'), setOf()));
export const AUTH_ENVELOPED: EnvelopeParts = {
  ...ENVELOPED,
  contentInfoType: AUTH_ENVELOPED_DATA,
  head: [integer(Buffer.of(0)), element(contextTag(0, true), setOf()), setOf()],
  tail: [attributes(1), octetString(Buffer.alloc(16, 9)), attributes(2)],
};

/** How each of the four elements around the content is written. */
export type Wrap = (tag: number, ...contents: readonly Uint8Array[]) => Buffer;

/** A file around a content that is an element itself, or nothing. */
export function fileOf(parts: EnvelopeParts, content: Uint8Array, wraps: readonly Wrap[] = []): Buffer {
  const [outermost = element, explicit = element, data = element, info = element] = wraps;
  const encryptedContentInfo = info(TAG.sequence, parts.contentType, parts.contentEncryption, content);
  const enveloped = data(TAG.sequence, ...parts.head, encryptedContentInfo, ...parts.tail);
  return outermost(TAG.sequence, oid(parts.contentInfoType), explicit(contextTag(0, true), enveloped));
}

/** Chunks of these sizes, over and over. */
export async function* inChunksOf(bytes: Buffer, ...sizes: readonly number[]): AsyncGenerator<Buffer> {
  for (let at = 0, i = 0; at < bytes.length; i += 1) {
    const size = sizes[i % sizes.length] ?? bytes.length;
    yield bytes.subarray(at, at + size);
    at += size;
  }
}

export interface ReadFile {
  /** Undefined for a detached file. */
  readonly ciphertext: Buffer | undefined;
  readonly envelope: Buffer;
}

export async function readWhole(source: AsyncIterable<Uint8Array>): Promise<ReadFile> {
  const { ciphertext, envelope } = await unsplice(source);
  const chunks = ciphertext && (await Array.fromAsync(ciphertext));
  return { ciphertext: chunks && Buffer.concat(chunks), envelope: envelope() };
}
