import { contextTag, elementHeader, octetString, oid, TAG } from '@sealtrack/certificates/der';
import { decodeArmor } from '@sealtrack/envelope/armor';
import { readStructure } from '@sealtrack/envelope/envelope-structure';
import { unsplice } from '@sealtrack/envelope/unsplice';
import { must } from '../judge.ts';
import { loadMedia } from '../originals.ts';
import { createSource, drain, type HostileCase, MIB, refused } from './hostile-case.ts';

const { media } = await loadMedia('pkcs7/one-recipient');
const { parts } = readStructure(media.envelope);
const [version = Buffer.alloc(0)] = parts.head;
const open = (tag: number): Buffer => Buffer.of(tag, 0x80);
const ENDS = Buffer.alloc(2);
/** Up to where the recipients are. */
const START = Buffer.concat([open(0x30), oid(parts.contentInfoType), open(0xa0), open(0x30), version]);
/** Up to where the content is, and up to what is behind it. */
const CONTENT = Buffer.concat([
  START,
  ...parts.head.slice(1),
  open(0x30),
  parts.contentType,
  parts.contentEncryption,
]);
const TAIL = Buffer.concat([CONTENT, open(contextTag(0, true)), octetString(Buffer.alloc(100)), ENDS, ENDS]);
const EMPTY = Buffer.alloc(0);

const CHUNK = 65_536;
const chunkOf = (...bytes: readonly number[]): Buffer =>
  Buffer.alloc(CHUNK - (CHUNK % bytes.length), Buffer.from(bytes));

async function read(source: AsyncIterable<Uint8Array>): Promise<number> {
  const { ciphertext, envelope } = await unsplice(source);
  const size = await drain(ciphertext ?? createSource(EMPTY, EMPTY, 0));
  envelope();
  return size;
}

/** A file without an end, which must be refused before so many bytes of it were read. */
const endless = (name: string, most: number, first: Buffer, ...chunk: readonly number[]): HostileCase =>
  refused(`file: ${name}`, 'ENVELOPE_INVALID', () =>
    read(createSource(first, chunkOf(...chunk), Number.POSITIVE_INFINITY, first.length + most)),
  );
/** A long file that is refused at its end, or wherever, and takes no memory. */
const long = (name: string, size: number, first: Buffer, ...chunk: readonly number[]): HostileCase =>
  refused(`file: ${name}`, 'ENVELOPE_INVALID', () => read(createSource(first, chunkOf(...chunk), size)));
const armoured = (name: string, most: number, first: string, chunk: string, size = 32 * MIB): HostileCase =>
  refused(`file: ${name}`, 'ENVELOPE_INVALID', async () => {
    const start = Buffer.from(first);
    await drain(decodeArmor(createSource(start, Buffer.alloc(CHUNK, chunk), size, start.length + most)));
  });

const lying = (tag: number, size: number): Buffer => elementHeader(tag, size);

export const HOSTILE_FILES: readonly HostileCase[] = [
  ...[31, 32, 40, 47].map((bits) =>
    endless(`recipients of 2^${bits} bytes`, CHUNK, Buffer.concat([START, lying(TAG.set, 2 ** bits)]), 0),
  ),
  endless('recipients without an end', 2 * MIB, Buffer.concat([START, open(TAG.set)]), 5, 0),
  endless(
    'a recipient of 2 GiB within',
    CHUNK,
    Buffer.concat([START, open(TAG.set), lying(0x30, 2 ** 31)]),
    0,
  ),
  endless('indefinite lengths in each other', CHUNK, Buffer.concat([START, open(TAG.set)]), 0x30, 0x80),
  endless('empty elements before its type', CHUNK, open(0x30), 5, 0),
  endless('pieces within pieces', CHUNK, Buffer.concat([CONTENT, open(contextTag(0, true))]), 0x24, 0x80),
  endless('attributes without an end', 2 * CHUNK, Buffer.concat([TAIL, open(contextTag(1, true))]), 5, 0),
  endless('attributes of 2^40 bytes', CHUNK, Buffer.concat([TAIL, lying(contextTag(1, true), 2 ** 40)]), 0),
  long('empty pieces', 16 * MIB, Buffer.concat([CONTENT, open(contextTag(0, true))]), 4, 0),
  long('pieces of a byte', 16 * MIB, Buffer.concat([CONTENT, open(contextTag(0, true))]), 4, 1, 65),
  long(
    'pieces of 2^47 bytes',
    64 * MIB,
    Buffer.concat([CONTENT, open(contextTag(0, true)), lying(4, 2 ** 47)]),
    0,
  ),
  long('content of 2^47 bytes', 128 * MIB, Buffer.concat([CONTENT, lying(contextTag(0), 2 ** 47)]), 0),
  {
    name: 'file: content of 2^47 bytes, left after 64 MiB',
    async run() {
      const first = Buffer.concat([CONTENT, lying(contextTag(0), 2 ** 47)]);
      const source = createSource(first, chunkOf(0), Number.POSITIVE_INFINITY, 65 * MIB);
      const { ciphertext } = await unsplice(source);
      let size = 0;
      for await (const chunk of ciphertext ?? []) {
        size += chunk.length;
        if (size >= 64 * MIB) break;
      }
      must(source.taken < size + 2 * CHUNK, 'it is read ahead');
      return 'left';
    },
  },
  armoured('headers without an end', 2 * CHUNK, 'Subject: ', 'x'),
  armoured('lines of headers without an end', 2 * CHUNK, 'A: b\n', 'A: b\n'),
  armoured('a header of white space', 2 * CHUNK, 'A', ' '),
  armoured('folded headers', 2 * CHUNK, 'A:\n', ' \n'),
  armoured('white space before its beginning', 32 * MIB, ' ', ' \n'),
  armoured('a label without an end', CHUNK, '-----BEGIN PKCS', '7'),
  armoured('base64 without an end', 32 * MIB, '-----BEGIN CMS-----\n', 'AAAAAAA\n'),
  armoured('white space in base64', 32 * MIB, '-----BEGIN CMS-----\n', '\n'),
  armoured('padding in base64', 2 * CHUNK, '-----BEGIN CMS-----\n', '='),
  armoured(
    'white space behind it',
    32 * MIB,
    '-----BEGIN CMS-----\nAAAA\n-----END CMS-----\n',
    ' x',
    2 * CHUNK,
  ),
];
