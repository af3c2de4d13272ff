import { children, type Element, readElement } from '@sealtrack/certificates/der';
import { describe, expect, test } from 'vitest';
import { plaintextOf, seal, spliced } from './testing/media.ts';
import { createOwners } from './testing/owners.ts';
import { createWorkbench } from './testing/workbench.ts';

const bench = await createWorkbench();
const owners = await createOwners(bench, [2048, 2048, 3072]);
const [anna] = owners;

/** OpenSSL's names of the universal tags, from 0 on. */
const UNIVERSAL = [
  ...['EOC', 'BOOLEAN', 'INTEGER', 'BIT STRING', 'OCTET STRING', 'NULL', 'OBJECT', 'OBJECT DESCRIPTOR'],
  ...['EXTERNAL', 'REAL', 'ENUMERATED', '<ASN1 11>', 'UTF8STRING', '<ASN1 13>', '<ASN1 14>', '<ASN1 15>'],
  ...['SEQUENCE', 'SET', 'NUMERICSTRING', 'PRINTABLESTRING', 'T61STRING', 'VIDEOTEXSTRING', 'IA5STRING'],
  ...['UTCTIME', 'GENERALIZEDTIME', 'GRAPHICSTRING', 'VISIBLESTRING', 'GENERALSTRING', 'UNIVERSALSTRING'],
  ...['<ASN1 29>', 'BMPSTRING'],
];
const CLASSES = ['univ', 'appl', 'cont', 'priv'];
const LINE = /^ *(\d+):d=(\d+) +hl=(\d+) l= *(\d+|inf) +(cons|prim): *([^:]*?) *(\[HEX DUMP\])?(:|$)/;

function tagOf(name: string): number {
  const [, className = '', number] = /^(\w+) \[ (\d+) \]$/.exec(name) ?? [];
  if (number !== undefined) return (CLASSES.indexOf(className) << 6) | Number(number);
  const tag = UNIVERSAL.indexOf(name);
  if (tag === -1) throw new Error(`asn1parse knows a tag ${name}`);
  return tag;
}

/** Offset, depth, length of the header, length of the content, tag: of every element, as OpenSSL sees them. */
async function theirs(der: Buffer): Promise<string[]> {
  const input = ['-inform', 'DER', '-in', bench.write(der)];
  const lines = (await bench.openssl('asn1parse', ...input)).toString().trimEnd().split('\n');
  return lines.flatMap((line) => {
    // A line that goes on is a string with a line break in it.
    const [, offset, depth, header, length, kind, name] = LINE.exec(line) ?? [];
    if (name === undefined) return [];
    const tag = tagOf(name) | (kind === 'cons' ? 0x20 : 0);
    return `${offset} ${depth} ${header} ${length} ${tag.toString(16)}`;
  });
}

/** The same, as our reader sees them. */
function ours(der: Buffer): string[] {
  const found: string[] = [];
  const walk = (each: Element, depth: number): void => {
    const header = each.content.byteOffset - each.raw.byteOffset;
    const length = each.raw[1] === 0x80 ? 'inf' : each.content.length;
    const offset = each.raw.byteOffset - der.byteOffset;
    found.push(`${offset} ${depth} ${header} ${length} ${each.tag.toString(16)}`);
    if ((each.tag & 0x20) !== 0) for (const child of children(each)) walk(child, depth + 1);
    // The end of contents, which is two zeros, is an element to OpenSSL.
    if (length === 'inf') found.push(`${offset + each.raw.length - 2} ${depth + 1} 2 0 0`);
  };
  walk(readElement(der), 0);
  return found;
}

describe('our reader and asn1parse see the same elements in', () => {
  test.each(['pkcs7', 'cms'] as const)('envelopes of suite %s', async (suite) => {
    for (const to of [[anna], owners]) {
      const sealed = await seal(suite, plaintextOf(5000), to);
      for (const der of [sealed.envelope, spliced(sealed)]) expect(ours(der)).toEqual(await theirs(der));
    }
  });

  test('certificates', async () => {
    for (const { certificate } of owners)
      expect(ours(certificate.der)).toEqual(await theirs(certificate.der));
  });

  test('what OpenSSL writes, DER and BER', async () => {
    for (const options of [[], ['-stream'], ['-keyid'], ['-keyid', '-stream']]) {
      for (const cipher of ['-des3', '-aes-256-gcm']) {
        const [input, output] = [bench.write(plaintextOf(9000)), bench.fresh()];
        const files = ['-in', input, '-out', output, '-outform', 'DER'];
        await bench.openssl('cms', '-encrypt', '-binary', ...files, cipher, ...options, anna.certificateFile);
        const written = bench.read(output);
        expect(ours(written)).toEqual(await theirs(written));
      }
    }
  });

  test('damaged envelopes, or ours refuses them', async () => {
    const { envelope } = await seal('cms', plaintextOf(10), [anna]);
    let read = 0;
    // Every byte that is structure: all of them but those of the encrypted key.
    const key = envelope.indexOf(Buffer.of(0x04, 0x82, 0x01, 0x00));
    const structure = [...envelope.keys()].filter((at) => at < key + 4 || at >= key + 260);
    for (const [i, at] of structure.entries()) {
      const damaged = Buffer.from(envelope);
      damaged[at] = (damaged[at] ?? 0) ^ (1 << (i % 8));
      let elements: string[];
      try {
        elements = ours(damaged);
      } catch {
        continue;
      }
      read += 1;
      expect(elements).toEqual(await theirs(damaged));
    }
    expect(read).toBeGreaterThan(50);
  });
});
