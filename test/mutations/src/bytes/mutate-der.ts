import { element, elementHeader, readElement } from '@sealtrack/certificates/der';
import type { Mutation } from './mutate-bytes.ts';

/** An element that can be changed and written again, with the lengths around it right. */
interface Node {
  readonly tag: number;
  readonly isIndefinite: boolean;
  /** Of a constructed element; otherwise its content. */
  readonly inside: readonly Node[] | Buffer;
}

const CONSTRUCTED = 0x20;

function parse(bytes: Buffer): Node {
  const { tag, raw, content } = readElement(bytes);
  const isIndefinite = raw[1] === 0x80;
  if ((tag & CONSTRUCTED) === 0) return { tag, isIndefinite, inside: content };
  const inside: Node[] = [];
  for (let at = 0; at < content.length; ) {
    inside.push(parse(content.subarray(at)));
    at += readElement(content, at).raw.length;
  }
  return { tag, isIndefinite, inside };
}

const contentOf = ({ inside }: Node): Buffer =>
  Buffer.isBuffer(inside) ? inside : Buffer.concat(inside.map(encode));

function encode(node: Node): Buffer {
  const content = contentOf(node);
  return node.isIndefinite ? indefinite(node.tag, content) : element(node.tag, content);
}

export const indefinite = (tag: number, content: Buffer): Buffer =>
  Buffer.concat([Buffer.of(tag, 0x80), content, Buffer.of(0, 0)]);

const TAGS = [0, 1, 2, 3, 4, 5, 6, 0x10, 0x1f, 0x24, 0x30, 0x31, 0x3f, 0x80, 0x81, 0xa0, 0xa1, 0xa2, 0xff];
const lengthOf = (value: bigint, digits: number): Buffer =>
  Buffer.from([0x80 | digits, ...Buffer.from(value.toString(16).padStart(2 * digits, '0'), 'hex')]);
/** Lengths that lie, each in as many bytes as it needs or more. */
const LENGTHS: readonly Buffer[] = [
  ...[0x00, 0x01, 0x7f, 0x80, 0x81, 0x84, 0xfe, 0xff].map((byte) => Buffer.of(byte)),
  ...[31n, 32n, 40n, 47n].flatMap((bits) => [lengthOf(2n ** bits, 6), lengthOf(2n ** bits - 1n, 6)]),
  ...[48n, 53n, 63n].map((bits) => lengthOf(2n ** bits, 8)),
  lengthOf(2n ** 31n - 1n, 4),
  lengthOf(2n ** 32n - 1n, 4),
  lengthOf(5n, 9),
];

/** What an element can be written as instead. */
function* rewritings(node: Node): Generator<readonly [what: string, bytes: Buffer]> {
  const [raw, content] = [encode(node), contentOf(node)];
  yield ['removed', Buffer.alloc(0)];
  yield ['twice', Buffer.concat([raw, raw])];
  yield ['empty', element(node.tag)];
  yield ['empty and indefinite', indefinite(node.tag, Buffer.alloc(0))];
  yield ['indefinite', indefinite(node.tag | CONSTRUCTED, content)];
  yield ['indefinite without an end', indefinite(node.tag, content).subarray(0, -2)];
  yield ['in itself', element(node.tag, raw)];
  yield ['in pieces', element(node.tag | CONSTRUCTED, element(4, content))];
  yield ['with its content alone', content];
  yield ['behind an end-of-contents', Buffer.concat([Buffer.of(0, 0), raw])];
  yield ['a byte shorter', element(node.tag, content.subarray(1))];
  yield ['a byte longer', element(node.tag, content, Buffer.of(0))];
  for (const tag of [...TAGS, node.tag ^ CONSTRUCTED]) yield [`with tag ${tag}`, element(tag, content)];
  for (const length of LENGTHS)
    yield [`with length ${length.toString('hex')}`, Buffer.concat([Buffer.of(node.tag), length, content])];
  const size = content.length;
  for (const wrong of [size - 1, size + 1, 2 * size].filter((each) => each > 0))
    yield [`with length ${wrong}`, Buffer.concat([elementHeader(node.tag, wrong), content])];
  for (const digits of [1, 2, 4, 6, 8])
    if (size < 256 ** digits)
      yield [
        `its length in ${digits} bytes`,
        Buffer.concat([Buffer.of(node.tag), lengthOf(BigInt(size), digits), content]),
      ];
}

/** Every element of the original in turn, with the lengths around it made right. */
export function* mutateDer(original: Buffer): Generator<Mutation> {
  const root = parse(original);
  if (!encode(root).equals(original)) throw new Error('The original is not written as it is read');
  for (const { what, bytes } of mutateNode(root, '')) if (!bytes.equals(original)) yield { what, bytes };
}

function* mutateNode(node: Node, path: string): Generator<Mutation> {
  for (const [what, bytes] of rewritings(node)) yield { what: `element ${path || '.'} ${what}`, bytes };
  if (Buffer.isBuffer(node.inside)) return;
  const parts = node.inside.map(encode);
  const around = (...changed: readonly Buffer[]): Buffer =>
    (node.isIndefinite ? indefinite : element)(node.tag, Buffer.concat(changed));
  for (const [i, child] of node.inside.entries()) {
    for (const { what, bytes } of mutateNode(child, `${path}/${i}`))
      yield { what, bytes: around(...parts.with(i, bytes)) };
    const next = parts[i + 1];
    if (next === undefined) continue;
    const swapped = parts.with(i, next).with(i + 1, parts[i] ?? next);
    yield { what: `elements ${path}/${i} and the next swapped`, bytes: around(...swapped) };
  }
}
