/**
 * The loops that the sound of telephone calls goes through, in WebAssembly with SIMD: in JavaScript they take up to eight times as long,
 * nearly as long as AES. Each looks at bytes [from, to) of `memory`, which are a multiple of 16 and not none, and leaves the largest
 * number of each lane in the first 16 bytes of it, unsigned.
 */
export interface Vectors {
  /** 64 KiB. */
  readonly memory: Uint8Array;
  /** Magnitudes of signed samples of 16 bits, in 8 lanes. */
  largest16(from: number, to: number): void;
  /** Magnitudes of samples of 8 bits that are signed once some bits are turned, in 16 lanes. */
  largest8(from: number, to: number, turned: number): void;
  /** Bytes with some bits turned and the first one left out, in 16 lanes. */
  largest7(from: number, to: number, turned: number): void;
}

export const VECTOR_SIZE = 16;

/** Unsigned LEB128. */
const number = (value: number): number[] =>
  value < 128 ? [value] : [(value & 0x7f) | 0x80, ...number(value >> 7)];
const sized = (bytes: readonly number[]): number[] => [...number(bytes.length), ...bytes];
const vector = (items: readonly (readonly number[])[]): number[] => [
  ...number(items.length),
  ...items.flat(),
];
const section = (id: number, ...items: readonly (readonly number[])[]): number[] => [
  id,
  ...sized(vector(items)),
];
const name = (text: string): number[] => sized([...Buffer.from(text)]);

const [I32, V128] = [0x7f, 0x7b];
const [FROM, TO, TURNED, LARGEST] = [0, 1, 2, 3] as const;
const get = (local: number): number[] => [0x20, local];
const set = (local: number): number[] => [0x21, local];
const tee = (local: number): number[] => [0x22, local];
/** Signed LEB128, so that one below 64 is one byte and one below 8192 two. */
const constant = (value: number): number[] => [0x41, ...(value < 64 ? [value] : [value | 0x80, value >> 7])];
const simd = (code: number): number[] => [0xfd, ...number(code)];
/** Unaligned, at no offset. */
const LOAD = [...simd(0x00), 0, 0];
const STORE = [...simd(0x0b), 0, 0];
const [SPLAT_8, AND, XOR] = [simd(0x0f), simd(0x4e), simd(0x51)];
const [ABS_8, MAX_U_8] = [simd(0x60), simd(0x79)];
const [ABS_16, MAX_U_16] = [simd(0x80), simd(0x99)];

/** largest = max(largest, of(the next 16 bytes)), until there are no more; then memory[0..16) = largest. */
function loop(of: readonly number[], max: readonly number[]): number[] {
  const body = [
    ...[0x03, 0x40], // loop
    ...[...get(LARGEST), ...get(FROM), ...LOAD, ...of, ...max, ...set(LARGEST)],
    ...[...get(FROM), ...constant(VECTOR_SIZE), 0x6a, ...tee(FROM)], // i32.add
    ...[...get(TO), 0x49, 0x0d, 0], // i32.lt_u, br_if 0
    0x0b, // end
    ...[...constant(0), ...get(LARGEST), ...STORE],
    0x0b, // end
  ];
  // Locals: one of v128.
  return sized([1, 1, V128, ...body]);
}

const TURN = [...get(TURNED), ...SPLAT_8, ...XOR];
const EXPORTED = { memory: 2, function: 0 };

const MODULE = Uint8Array.from([
  ...[0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
  ...section(1, [0x60, ...vector([[I32], [I32], [I32]]), 0]), // one type: three numbers, and nothing back
  ...section(3, [0], [0], [0]), // three functions of it
  ...section(5, [1, 1, 1]), // one page of 64 KiB, and no more
  ...section(
    7,
    [...name('memory'), EXPORTED.memory, 0],
    [...name('largest16'), EXPORTED.function, 0],
    [...name('largest8'), EXPORTED.function, 1],
    [...name('largest7'), EXPORTED.function, 2],
  ),
  ...section(
    10,
    loop(ABS_16, MAX_U_16),
    loop([...TURN, ...ABS_8], MAX_U_8),
    loop([...TURN, ...constant(0x7f), ...SPLAT_8, ...AND], MAX_U_8),
  ),
]);

/** What is used of it; Node's types have nothing of it. */
declare const WebAssembly: {
  readonly Module: new (bytes: Uint8Array) => object;
  readonly Instance: new (module: object) => { readonly exports: unknown };
};

/** Undefined where there is no WebAssembly, as with --jitless. */
export function createVectors(): Vectors | undefined {
  try {
    const { exports } = new WebAssembly.Instance(new WebAssembly.Module(MODULE));
    const { memory, ...loops } = exports as Omit<Vectors, 'memory'> & {
      readonly memory: { readonly buffer: ArrayBuffer };
    };
    return { ...loops, memory: new Uint8Array(memory.buffer) };
  } catch {
    return undefined;
  }
}
