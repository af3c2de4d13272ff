/**
 * SHA-1 of a SHA-1, over and over (FIPS 180-4, 6.1.2). PKCS#12 files of Firefox ask for millions of these one by one, and
 * calling Node's for each of them takes three times as long.
 */

const rotate = (word: number, by: number): number => (word << by) | (word >>> (32 - by));

/** Replaces the five words of `digest` by their own hash, `times` times. */
export function rehashSha1(digest: Int32Array, times: number): void {
  const words = new Int32Array(80);
  for (let round = 0; round < times; round++) {
    words.set(digest);
    // A message of 20 bytes is one block: its end, zeros, and its 160 bits.
    words.fill(0, 5, 15);
    words[5] = 0x80000000;
    words[15] = 160;
    expand(words);
    compress(words, digest);
  }
  words.fill(0);
}

function expand(words: Int32Array): void {
  for (let t = 16; t < 80; t++)
    words[t] = rotate(
      (words[t - 3] ?? 0) ^ (words[t - 8] ?? 0) ^ (words[t - 14] ?? 0) ^ (words[t - 16] ?? 0),
      1,
    );
}

function compress(words: Int32Array, digest: Int32Array): void {
  let [a, b, c, d, e] = [0x67452301, 0xefcdab89 | 0, 0x98badcfe | 0, 0x10325476, 0xc3d2e1f0 | 0];
  for (let t = 0; t < 80; t++) {
    const mixed =
      t < 20
        ? (d ^ (b & (c ^ d))) + 0x5a827999
        : t < 40
          ? (b ^ c ^ d) + 0x6ed9eba1
          : t < 60
            ? ((b & c) | (d & (b | c))) + 0x8f1bbcdc
            : (b ^ c ^ d) + 0xca62c1d6;
    const next = (rotate(a, 5) + mixed + e + (words[t] ?? 0)) | 0;
    e = d;
    d = c;
    c = rotate(b, 30);
    b = a;
    a = next;
  }
  digest[0] = 0x67452301 + a;
  digest[1] = 0xefcdab89 + b;
  digest[2] = 0x98badcfe + c;
  digest[3] = 0x10325476 + d;
  digest[4] = 0xc3d2e1f0 + e;
}
