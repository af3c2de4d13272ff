/**
 * SHA-1 of a SHA-1, over and over (FIPS 180-4, 6.1.2). PKCS#12 files of Firefox ask for millions of these one by one, and
 * calling Node's for each of them takes three times as long.
 */

const rotate = (word: number, by: number): number => (word << by) | (word >>> (32 - by));

/** Signed, as everything here is that is to be fast. */
const [H0, H1, H2, H3, H4] = [0x67452301, -0x10325477, -0x67452302, 0x10325476, -0x3c2d1e10] as const;
const [K0, K1, K2, K3] = [0x5a827999, 0x6ed9eba1, -0x70e44324, -0x359d3e2a] as const;

/** Replaces the five words of `digest` by their own hash, `times` times. */
export function rehashSha1(digest: Int32Array, times: number): void {
  const words = new Int32Array(80);
  for (let round = 0; round < times; round++) {
    // A message of 20 bytes is one block: they, their end, zeros, and their 160 bits.
    words.set(digest);
    words.fill(0, 5, 15);
    words[5] = -0x80000000;
    words[15] = 160;
    compress(words, digest);
  }
  words.fill(0);
}

function compress(words: Int32Array, digest: Int32Array): void {
  const at = (t: number): number => words[t] as number;
  for (let t = 16; t < 80; t++) words[t] = rotate(at(t - 3) ^ at(t - 8) ^ at(t - 14) ^ at(t - 16), 1);
  let a: number = H0;
  let b: number = H1;
  let c: number = H2;
  let d: number = H3;
  let e: number = H4;
  for (let t = 0; t < 80; t++) {
    let mixed: number;
    if (t < 20) mixed = ((d ^ (b & (c ^ d))) + K0) | 0;
    else if (t < 40) mixed = ((b ^ c ^ d) + K1) | 0;
    else if (t < 60) mixed = (((b & c) | (d & (b | c))) + K2) | 0;
    else mixed = ((b ^ c ^ d) + K3) | 0;
    const next = (rotate(a, 5) + mixed + e + at(t)) | 0;
    e = d;
    d = c;
    c = rotate(b, 30);
    b = a;
    a = next;
  }
  digest[0] = H0 + a;
  digest[1] = H1 + b;
  digest[2] = H2 + c;
  digest[3] = H3 + d;
  digest[4] = H4 + e;
}
