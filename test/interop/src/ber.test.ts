import { children, type Element, element, octetString, readElement } from '@sealtrack/certificates/der';
import { describe, expect, test } from 'vitest';
import { plaintextOf, seal, spliced } from './testing/media.ts';
import { openForeign, takeApart } from './testing/open-foreign.ts';
import { createOwners } from './testing/owners.ts';
import { createWorkbench } from './testing/workbench.ts';

const bench = await createWorkbench();
const owners = await createOwners(bench, [2048, 2048]);
const plaintext = plaintextOf(5000);

/** One of the ways in which BER lets an element and the content be written (X.690, 8.1.3 and 8.7). */
interface Style {
  wrap(tag: number, content: Buffer): Buffer;
  content(ciphertext: Buffer): Buffer;
}

const [CONTENT, CONSTRUCTED, STRING] = [0x80, 0x20, 0x24];
/** Down to here elements are written anew; deeper ones, as names and algorithms, are copied by everyone. */
const DEPTH = 4;

function recode(each: Element, style: Style, depth = 0): Buffer {
  if (each.tag === CONTENT) return style.content(each.content);
  if ((each.tag & CONSTRUCTED) === 0 || depth > DEPTH) return each.raw;
  const inside = children(each).map((child) => recode(child, style, depth + 1));
  return style.wrap(each.tag, Buffer.concat(inside));
}

const indefinite = (tag: number, content: Buffer): Buffer =>
  Buffer.concat([Buffer.of(tag, 0x80), content, Buffer.alloc(2)]);

/** A length in five bytes, whatever it is. */
function longForm(tag: number, content: Buffer): Buffer {
  const header = Buffer.of(tag, 0x84, 0, 0, 0, 0);
  header.writeUInt32BE(content.length, 2);
  return Buffer.concat([header, content]);
}

function pieces(bytes: Buffer, size: number): Buffer[] {
  const count = Math.ceil(bytes.length / size);
  return Array.from({ length: count }, (_, i) => octetString(bytes.subarray(i * size, (i + 1) * size)));
}

const STYLES: Readonly<Record<string, Style>> = {
  'indefinite lengths, in small pieces': {
    wrap: indefinite,
    content: (bytes) => indefinite(CONTENT | CONSTRUCTED, Buffer.concat(pieces(bytes, 100))),
  },
  'lengths longer than they need be': {
    wrap: longForm,
    content: (bytes) => longForm(CONTENT, bytes),
  },
  'definite lengths, in pieces of one byte': {
    wrap: (tag, content) => element(tag, content),
    content: (bytes) => element(CONTENT | CONSTRUCTED, ...pieces(bytes, 1)),
  },
  'pieces within pieces, some of them empty': {
    wrap: indefinite,
    content: (bytes) => {
      const [half, empty] = [bytes.length / 2, octetString(Buffer.alloc(0))];
      const inner = Buffer.concat([empty, ...pieces(bytes.subarray(0, half), 999), empty]);
      const outer = [indefinite(STRING, indefinite(STRING, inner)), octetString(bytes.subarray(half))];
      return longForm(CONTENT | CONSTRUCTED, Buffer.concat([...outer, element(STRING)]));
    },
  },
  'definite around indefinite': {
    wrap: longForm,
    content: (bytes) => indefinite(CONTENT | CONSTRUCTED, octetString(bytes)),
  },
};

describe.each(['pkcs7', 'cms'] as const)('suite %s, written as BER with', (suite) => {
  test.each(Object.entries(STYLES))('%s, opens with OpenSSL and here', async (_, style) => {
    const sealed = await seal(suite, plaintext, owners);
    const file = recode(readElement(spliced(sealed)), style);
    for (const owner of owners) {
      const identity = ['-inkey', owner.keyFile, '-recip', owner.certificateFile];
      const decrypt = ['-decrypt', '-binary', '-inform', 'DER', '-in', bench.write(file), ...identity];
      expect((await bench.openssl('cms', ...decrypt)).equals(plaintext)).toBe(true);
      expect((await openForeign(file, owner)).equals(plaintext)).toBe(true);
    }
    expect((await takeApart(file)).ciphertext?.equals(sealed.ciphertext)).toBe(true);
  });
});
