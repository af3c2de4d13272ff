import { createNumbers, type Numbers } from './numbers.ts';

/** Bytes that something valid was turned into, and how. */
export interface Mutation {
  readonly what: string;
  readonly bytes: Buffer;
}

export interface Effort {
  /** Every so many bits are flipped, one at a time: 1 for all of them, odd so that each bit of a byte has its turn. */
  readonly flipEvery: number;
  /** The bytes are cut short at every so many. */
  readonly cutEvery: number;
  /** Of each kind that chance has a part in. */
  readonly random: number;
}

/** Everything here is done to `original`; `other` is something valid of the same kind, which parts are taken from. */
export function* mutateBytes(
  original: Buffer,
  other: Buffer,
  seed: string,
  effort: Effort,
): Generator<Mutation> {
  const numbers = createNumbers(seed);
  const kinds = [
    flipped(original, effort.flipEvery),
    cut(original, effort.cutEvery),
    extended(original, other),
    ...[replaced, removed, inserted, repeated, swapped].map((kind) => kind(original, numbers, effort.random)),
    crossed(original, other, numbers, effort.random),
  ];
  for (const kind of kinds) for (const mutation of kind) if (!mutation.bytes.equals(original)) yield mutation;
}

export function* flipped(original: Buffer, every: number): Generator<Mutation> {
  for (let bit = 0; bit < original.length * 8; bit += every) {
    const bytes = Buffer.from(original);
    const at = bit >>> 3;
    bytes[at] = (bytes[at] ?? 0) ^ (1 << (bit & 7));
    yield { what: `bit ${bit & 7} of byte ${at} flipped`, bytes };
  }
}

function* cut(original: Buffer, every: number): Generator<Mutation> {
  for (let size = 0; size < original.length; size += every)
    yield { what: `cut to ${size} bytes`, bytes: original.subarray(0, size) };
  for (let size = 1; size < original.length; size += every)
    yield { what: `without its first ${size} bytes`, bytes: original.subarray(size) };
}

function* extended(original: Buffer, other: Buffer): Generator<Mutation> {
  const pieces = {
    'a zero': Buffer.of(0),
    'an end-of-contents': Buffer.of(0, 0),
    'a line feed': Buffer.from('\n'),
    'a space': Buffer.from(' '),
    '0xff': Buffer.of(0xff),
    '16 bytes': Buffer.alloc(16, 0x10),
    '70000 zeros': Buffer.alloc(70_000),
    itself: original,
    another: other,
  };
  for (const [name, piece] of Object.entries(pieces)) {
    yield { what: `${name} behind it`, bytes: Buffer.concat([original, piece]) };
    yield { what: `${name} before it`, bytes: Buffer.concat([piece, original]) };
  }
}

const INTERESTING = Buffer.of(
  0,
  1,
  2,
  0x04,
  0x0a,
  0x20,
  0x2d,
  0x30,
  0x31,
  0x3d,
  0x7f,
  0x80,
  0x84,
  0xa0,
  0xff,
);

const byteOf = (numbers: Numbers): number =>
  numbers(2) === 0 ? numbers(256) : (INTERESTING[numbers(INTERESTING.length)] ?? 0);

function* replaced(original: Buffer, numbers: Numbers, count: number): Generator<Mutation> {
  for (let i = 0; i < count && original.length > 0; i += 1) {
    const bytes = Buffer.from(original);
    const places = Array.from({ length: 1 + numbers(4) }, () => numbers(bytes.length));
    for (const at of places) bytes[at] = byteOf(numbers);
    yield { what: `other bytes at ${places}`, bytes };
  }
}

/** Where something begins, and how long it is: mostly short, and sometimes of a block's size. */
function stretch(size: number, numbers: Numbers): readonly [at: number, end: number] {
  const at = numbers(size);
  const length = numbers(4) === 0 ? 16 * (1 + numbers(8)) : 1 + numbers(20);
  return [at, Math.min(at + length, size)];
}

function* removed(original: Buffer, numbers: Numbers, count: number): Generator<Mutation> {
  for (let i = 0; i < count && original.length > 0; i += 1) {
    const [at, end] = stretch(original.length, numbers);
    const bytes = Buffer.concat([original.subarray(0, at), original.subarray(end)]);
    yield { what: `bytes ${at} to ${end} removed`, bytes };
  }
}

function* inserted(original: Buffer, numbers: Numbers, count: number): Generator<Mutation> {
  for (let i = 0; i < count; i += 1) {
    const at = numbers(original.length + 1);
    const more = Buffer.from(Array.from({ length: 1 + numbers(20) }, () => byteOf(numbers)));
    const bytes = Buffer.concat([original.subarray(0, at), more, original.subarray(at)]);
    yield { what: `${more.length} bytes inserted at ${at}`, bytes };
  }
}

function* repeated(original: Buffer, numbers: Numbers, count: number): Generator<Mutation> {
  for (let i = 0; i < count && original.length > 0; i += 1) {
    const [at, end] = stretch(original.length, numbers);
    const bytes = Buffer.concat([original.subarray(0, end), original.subarray(at)]);
    yield { what: `bytes ${at} to ${end} repeated`, bytes };
  }
}

function* swapped(original: Buffer, numbers: Numbers, count: number): Generator<Mutation> {
  for (let i = 0; i < count && original.length > 1; i += 1) {
    const places = [0, 1, 2, 3].map(() => numbers(original.length + 1)).toSorted((a, b) => a - b);
    const [a = 0, b = 0, c = 0, d = 0] = places;
    const parts = [original.subarray(0, a), original.subarray(c, d), original.subarray(b, c)];
    const bytes = Buffer.concat([...parts, original.subarray(a, b), original.subarray(d)]);
    yield { what: `parts between ${places} swapped`, bytes };
  }
}

/** The beginning of one and the end of another; or a piece of another in the middle. */
function* crossed(original: Buffer, other: Buffer, numbers: Numbers, count: number): Generator<Mutation> {
  for (let i = 0; i < count; i += 1) {
    const at = numbers(original.length + 1);
    const from = numbers(2) === 0 ? at : numbers(other.length + 1);
    const [first, second] = numbers(2) === 0 ? [original, other] : [other, original];
    yield {
      what: `cut at ${at}, and crossed with another from ${from}`,
      bytes: Buffer.concat([first.subarray(0, at), second.subarray(from)]),
    };
    const end = at + 1 + numbers(40);
    const patch = other.subarray(at, end);
    const patched = Buffer.concat([original.subarray(0, at), patch, original.subarray(at + patch.length)]);
    yield { what: `bytes ${at} to ${end} of another`, bytes: patched };
  }
}
