import { createBase64Decoder } from './base64-decoder.ts';
import { type ByteSource, createByteSource } from './byte-source.ts';
import { envelopeFileInvalid } from './failures.ts';
import { readSmimeHeaders } from './smime-headers.ts';

const LABELS = ['PKCS7', 'CMS'];
const SEQUENCE = 0x30;
const DASH = 0x2d;
const BYTE_ORDER_MARK = [0xef, 0xbb, 0xbf];
const WHITE_SPACE = [0x20, 0x09, 0x0d, 0x0a];
/** Decoded at once, however large the chunks are that come. */
const PART_SIZE = 64 * 1024;

/**
 * A PKCS#7 or CMS file in any of its usual clothes, as bare DER or BER: that as it is; PEM (RFC 7468) with the label
 * PKCS7 or CMS; an S/MIME message (RFC 8551, 3.3) whose body is base64. In constant memory. What the bytes are is
 * unsplice's to find out. Throws ENVELOPE_INVALID, and what the source throws.
 */
export async function* decodeArmor(
  source: AsyncIterable<Uint8Array>,
): AsyncGenerator<Buffer, void, undefined> {
  const bytes = createByteSource(source);
  try {
    if (!(await bytes.more())) throw envelopeFileInvalid('The file is empty');
    if (bytes.rest()[0] === SEQUENCE) yield* asItIs(bytes);
    else {
      await skipMark(bytes);
      await skipWhiteSpace(bytes);
      if (bytes.rest()[0] === DASH) yield* decodePem(bytes);
      else {
        await readSmimeHeaders(bytes);
        yield* decodeBody(bytes);
      }
    }
  } finally {
    await bytes.close();
  }
}

async function* asItIs(bytes: ByteSource): AsyncGenerator<Buffer, void, undefined> {
  while (await bytes.more()) yield bytes.take(Number.POSITIVE_INFINITY);
}

async function* decodePem(bytes: ByteSource): AsyncGenerator<Buffer, void, undefined> {
  const begins = LABELS.map((label) => `-----BEGIN ${label}-----`);
  const begin = await takeOneOf(bytes, begins, 'is PEM with another label than PKCS7 or CMS');
  yield* decodeBody(bytes, DASH);
  const end = begin.replace('BEGIN', 'END');
  await takeOneOf(bytes, [end], `lacks its last line, ${end}`);
  await skipWhiteSpace(bytes);
  if (await bytes.more()) throw envelopeFileInvalid('The file has something after the end of its PEM');
}

/** Base64 up to that byte, or to the end of the source. */
async function* decodeBody(bytes: ByteSource, end?: number): AsyncGenerator<Buffer, void, undefined> {
  const decoder = createBase64Decoder();
  while (await bytes.more()) {
    const ahead = bytes.rest().subarray(0, PART_SIZE);
    const stop = end === undefined ? -1 : ahead.indexOf(end);
    const decoded = decoder.decode(bytes.take(stop === -1 ? PART_SIZE : stop));
    if (decoded === undefined) throw envelopeFileInvalid('The base64 of the file has something else in it');
    if (decoded.length > 0) yield decoded;
    if (stop !== -1) break;
  }
  if (!decoder.isComplete()) throw envelopeFileInvalid('The file ends in the middle of its base64');
}

/** The bytes that come next must be one of these texts. */
async function takeOneOf(bytes: ByteSource, texts: readonly string[], otherwise: string): Promise<string> {
  let taken = '';
  while (texts.some((text) => text.startsWith(taken))) {
    if (texts.includes(taken)) return taken;
    if (!(await bytes.more())) break;
    taken += String.fromCharCode(bytes.byte() ?? 0);
  }
  throw envelopeFileInvalid(`The file ${otherwise}`);
}

async function skipMark(bytes: ByteSource): Promise<void> {
  for (const expected of BYTE_ORDER_MARK) {
    if (!(await bytes.more()) || bytes.rest()[0] !== expected) return;
    bytes.byte();
  }
}

async function skipWhiteSpace(bytes: ByteSource): Promise<void> {
  while (await bytes.more()) {
    const rest = bytes.rest();
    const count = rest.findIndex((byte) => !WHITE_SPACE.includes(byte));
    bytes.take(count === -1 ? rest.length : count);
    if (count !== -1) return;
  }
}
