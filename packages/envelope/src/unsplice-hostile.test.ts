import { contextTag, element, elementHeader, octetString, sequence, TAG } from '@sealtrack/certificates/der';
import { AppError } from '@sealtrack/errors/app-error';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { EnvelopeParts } from './encode-envelope.ts';
import { AUTH_ENVELOPED, ENVELOPED, fileOf, inChunksOf, indefinite, readWhole } from './test-files.ts';

const CONTENT = octetString(Buffer.from('some ciphertext'));
const primitive = element(contextTag(0), CONTENT);
const inPieces = indefinite(contextTag(0, true), CONTENT, indefinite(0x24, CONTENT), element(0x24, CONTENT));
const whole = [indefinite, indefinite, indefinite, indefinite];
const FILES = {
  'in DER': fileOf(ENVELOPED, primitive),
  'in BER': fileOf(AUTH_ENVELOPED, inPieces, whole),
  'in a mixture': fileOf(AUTH_ENVELOPED, inPieces, [element, indefinite, element, indefinite]),
  detached: fileOf(AUTH_ENVELOPED, Buffer.alloc(0), whole),
};

const chunkings = (file: Buffer) => [inChunksOf(file, file.length), inChunksOf(file, 1)];

async function expectRefused(file: Buffer, message = /^The file /): Promise<void> {
  for (const source of chunkings(file)) {
    const failure: unknown = await readWhole(source).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(AppError);
    expect(failure).toMatchObject({ code: 'ENVELOPE_INVALID', message: expect.stringMatching(message) });
  }
}

describe.each(Object.entries(FILES))('a file %s', (_name, file) => {
  test('is refused when it is cut short anywhere, or longer', async () => {
    await Promise.all(chunkings(file).map((source) => readWhole(source)));
    for (let size = 0; size < file.length; size += 1) {
      await expectRefused(file.subarray(0, size), /ends inside an element$/);
    }
    for (const more of [Buffer.of(0), Buffer.of(0, 0), Buffer.from('\n'), file]) {
      await expectRefused(Buffer.concat([file, more]));
    }
  });

  test('gives bytes or an AppError when it is damaged', async () => {
    const damage = fc.array(fc.tuple(fc.nat(file.length - 1), fc.integer({ min: 0, max: 255 })), {
      minLength: 1,
      maxLength: 4,
    });
    await fc.assert(
      fc.asyncProperty(damage, fc.integer({ min: 1, max: 100 }), async (changes, size) => {
        const damaged = Buffer.from(file);
        for (const [at, byte] of changes) damaged[at] = byte;
        const [one, other] = await Promise.all(
          [size, 1].map((each) =>
            readWhole(inChunksOf(damaged, each)).catch((failure: unknown) => {
              if (failure instanceof AppError && failure.code === 'ENVELOPE_INVALID') return failure.message;
              throw failure;
            }),
          ),
        );
        expect(one).toEqual(other);
      }),
      { numRuns: 2000 },
    );
  });
});

const withParts = (changes: Partial<EnvelopeParts>, parts = ENVELOPED) =>
  fileOf({ ...parts, ...changes }, primitive);
const [version = CONTENT, originator = CONTENT, recipients = CONTENT] = AUTH_ENVELOPED.head;
const [authAttributes = CONTENT, mac = CONTENT, otherAttributes = CONTENT] = AUTH_ENVELOPED.tail;
const tooLong = elementHeader(TAG.octetString, 9);
const deep = (levels: number): Buffer => (levels === 0 ? CONTENT : element(0x24, deep(levels - 1)));
const content = (...pieces: readonly Buffer[]) =>
  fileOf(ENVELOPED, indefinite(contextTag(0, true), ...pieces));

const longEnd = Buffer.concat([Buffer.of(0xa0, 0x80), CONTENT, Buffer.of(0, 0x81, 0)]);
const nested = (levels: number): Buffer => indefinite(TAG.set, ...(levels > 1 ? [nested(levels - 1)] : []));
const overrun = fileOf(ENVELOPED, inPieces, [element, indefinite, indefinite, indefinite]);
// Its length is 81 and a byte.
overrun[2] = (overrun[2] ?? 0) - 12;
const LACKS = /lacks the element with tag 0x/;
const PLACE = /out of place$/;

test.each([
  ['nothing', Buffer.alloc(0), /ends inside an element$/],
  ['another type', withParts({ contentInfoType: '1.2.840.113549.1.7.2' }), /neither EnvelopedData nor/],
  ['no version', withParts({ head: [recipients] }), LACKS],
  ['no recipients', withParts({ head: [version] }), LACKS],
  ['recipients before the originator', withParts({ head: [version, recipients, originator] }), LACKS],
  ['two versions', withParts({ head: [version, version, recipients] }), LACKS],
  ['a MAC where there is none', withParts({ tail: [mac] }), PLACE],
  ['no MAC', withParts({ tail: [] }, AUTH_ENVELOPED), LACKS],
  ['a MAC in pieces', withParts({ tail: [indefinite(0x24, mac)] }, AUTH_ENVELOPED), LACKS],
  ['two MACs', withParts({ tail: [mac, mac] }, AUTH_ENVELOPED), PLACE],
  ['attributes behind the MAC', withParts({ tail: [mac, authAttributes] }, AUTH_ENVELOPED), PLACE],
  ['attributes in the wrong order', withParts({ tail: [otherAttributes, mac] }, AUTH_ENVELOPED), LACKS],
  ['a content of another kind', fileOf(ENVELOPED, CONTENT), /other than the content/],
  ['two contents', fileOf(ENVELOPED, Buffer.concat([primitive, primitive])), PLACE],
  ['two empty contents', fileOf(ENVELOPED, Buffer.of(0x80, 0, 0x80, 0)), PLACE],
  ['pieces of another kind', content(sequence()), /other than OCTET STRINGs/],
  ['such a piece behind right ones', content(CONTENT, CONTENT, primitive), /other than OCTET STRINGs/],
  ['pieces too deep', content(deep(4)), /other than OCTET STRINGs/],
  ['a piece longer than what it is in', content(element(0x24, tooLong), CONTENT), /past the end of what/],
  ['a primitive piece without length', content(Buffer.of(TAG.octetString, 0x80, 0, 0)), PLACE],
  ['a primitive content without length', fileOf(ENVELOPED, Buffer.of(0x80, 0x80, 0, 0)), PLACE],
  ['an end in a definite length', fileOf(ENVELOPED, element(0xa0, Buffer.of(0, 0))), PLACE],
  ['an end with a content', content(Buffer.of(0, 1, 0)), PLACE],
  ['an end in the long form', content(Buffer.of(0, 0x81, 0)), PLACE],
  ['an end in the long form, and no other', fileOf(ENVELOPED, longEnd), PLACE],
  ['an end at the beginning', Buffer.of(0, 0), PLACE],
  ['a missing end', fileOf(ENVELOPED, Buffer.of(0xa0, 0x80), whole), /ends inside an element$/],
  ['indefinite lengths past a definite one', overrun, /past the end of what/],
  ['indefinite lengths too deep', withParts({ head: [version, nested(17)] }), PLACE],
  ['a tag number over 30', withParts({ tail: [Buffer.of(0xbf, 0x81, 1, 0)] }), /tag number/],
  ['a length of nine bytes', Buffer.from('308900000000000000000100', 'hex'), /impossible length/],
  ['a length of 2^63', Buffer.from('30888000000000000000', 'hex'), /impossible length/],
])('refuses %s', (_name, file, message) => expectRefused(file, message));
