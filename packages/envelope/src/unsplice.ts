import { contextTag, DerError, oid, TAG } from '@sealtrack/certificates/der';
import type { BerHeader } from './ber-header.ts';
import { type BerReader, createBerReader, END } from './ber-reader.ts';
import { createByteSource } from './byte-source.ts';
import {
  AUTH_ENVELOPED_DATA,
  ENVELOPED_DATA,
  type EnvelopeParts,
  encodeContentInfo,
} from './encode-envelope.ts';
import { envelopeFileInvalid } from './failures.ts';
import { readOctets } from './octet-string.ts';

/** A PKCS#7 or CMS file taken apart again, into what splice.ts puts together. */
export interface Unspliced {
  /**
   * As it comes. Undefined when the file has none. Throws ENVELOPE_INVALID, also after the last byte, for what is wrong
   * behind it.
   */
  readonly ciphertext: AsyncGenerator<Buffer, void, undefined> | undefined;
  /** The same file without its ciphertext, detached, in DER; only once the ciphertext was read to its end. */
  envelope(): Buffer;
}

/** Bytes before and after the content. */
const MAX_HEAD = 1024 * 1024;
const MAX_TAIL = 64 * 1024;

/**
 * Reads EnvelopedData (RFC 5652, 6.1) or AuthEnvelopedData (RFC 5083, 2.1) in DER or BER, with a content of any size
 * or none, in constant memory. Whoever leaves the ciphertext unread ends the source. Throws ENVELOPE_INVALID, and what
 * the source throws.
 */
export async function unsplice(source: AsyncIterable<Uint8Array>): Promise<Unspliced> {
  const bytes = createByteSource(source);
  const ber = createBerReader(bytes);
  let envelope: Buffer | undefined;

  async function* readContent(head: Head, content: BerHeader): AsyncGenerator<Buffer, void, undefined> {
    try {
      ber.keep(undefined);
      yield* readOctets(ber, content);
      ber.keep(MAX_TAIL);
      expectEnd(await ber.next());
      envelope = encodeContentInfo({ ...head, tail: await readTail(ber, head) });
    } catch (cause) {
      throw asInvalid(cause);
    } finally {
      await bytes.close();
    }
  }

  try {
    const head = await readHead(ber);
    const content = await ber.next();
    if (content === END) envelope = encodeContentInfo({ ...head, tail: await readTail(ber, head) });
    return {
      ciphertext: content === END ? undefined : readContent(head, expectContent(content)),
      envelope() {
        if (envelope === undefined) throw new Error('The ciphertext has not been read to its end');
        return envelope;
      },
    };
  } catch (cause) {
    await bytes.close();
    throw asInvalid(cause);
  }
}

type Head = Omit<EnvelopeParts, 'tail'>;

/** Everything before the content. */
async function readHead(ber: BerReader): Promise<Head> {
  ber.keep(MAX_HEAD);
  ber.enter(await expectNext(ber, TAG.sequence));
  const type = await ber.raw(await expectNext(ber, TAG.oid));
  const contentInfoType = [ENVELOPED_DATA, AUTH_ENVELOPED_DATA].find((known) => type.equals(oid(known)));
  if (contentInfoType === undefined) throw new DerError('is neither EnvelopedData nor AuthEnvelopedData');
  ber.enter(await expectNext(ber, contextTag(0, true)));
  ber.enter(await expectNext(ber, TAG.sequence));

  const fields = createFields(ber);
  await fields.take(TAG.integer);
  await fields.takeIfThere(contextTag(0, true));
  await fields.take(TAG.set);
  ber.enter(expectTag(await fields.next(), TAG.sequence));
  const contentType = await ber.raw(await expectNext(ber, TAG.oid));
  const contentEncryption = await ber.raw(await expectNext(ber, TAG.sequence));
  return { contentInfoType, head: fields.taken, contentType, contentEncryption };
}

/** Everything after EncryptedContentInfo, to the end of the input. */
async function readTail(ber: BerReader, { contentInfoType }: Head): Promise<readonly Buffer[]> {
  const fields = createFields(ber);
  if (contentInfoType === AUTH_ENVELOPED_DATA) {
    await fields.takeIfThere(contextTag(1, true));
    await fields.take(TAG.octetString);
    await fields.takeIfThere(contextTag(2, true));
  } else await fields.takeIfThere(contextTag(1, true));
  // Of EnvelopedData, of the [0] around it, and of ContentInfo.
  expectEnd(await fields.next());
  expectEnd(await ber.next());
  expectEnd(await ber.next());
  await ber.finish();
  return fields.taken;
}

/** Elements one after the other, some of them optional. */
function createFields(ber: BerReader) {
  const taken: Buffer[] = [];
  let ahead: BerHeader | undefined;
  const peek = async (): Promise<BerHeader> => {
    ahead ??= await ber.next();
    return ahead;
  };
  const next = async (): Promise<BerHeader> => {
    const header = await peek();
    ahead = undefined;
    return header;
  };
  const take = async (tag: number): Promise<void> => {
    taken.push(await ber.raw(expectTag(await next(), tag)));
  };
  return {
    taken,
    next,
    take,
    async takeIfThere(tag: number): Promise<void> {
      if ((await peek()).tag === tag) await take(tag);
    },
  };
}

const expectNext = async (ber: BerReader, tag: number): Promise<BerHeader> =>
  expectTag(await ber.next(), tag);

function expectTag(header: BerHeader, tag: number): BerHeader {
  if (header.tag !== tag) throw new DerError(`lacks the element with tag 0x${tag.toString(16)}`);
  return header;
}

/** `[0] IMPLICIT OCTET STRING`, in one piece or in several. */
function expectContent(header: BerHeader): BerHeader {
  const isContent = header.tag === contextTag(0) || header.tag === contextTag(0, true);
  if (!isContent) throw new DerError('has something other than the content where that should be');
  return header;
}

function expectEnd(header: BerHeader): void {
  if (header !== END) throw new DerError('has elements out of place');
}

const asInvalid = (cause: unknown): unknown =>
  cause instanceof DerError ? envelopeFileInvalid(`The file ${cause.message}`, cause) : cause;
