/**
 * RC2 decryption (RFC 2268), which no library of Node has any more and old PKCS#12 files still need. For opening files of
 * long ago only: nothing is ever encrypted with it.
 */

const BLOCK = 8;

/** RFC 2268, 2: from the digits of pi. */
const PI = Buffer.from(
  'd978f9c419ddb5ed28e9fd794aa0d89dc67e37832b76538e624c6488448bfba2' +
    '179a59f587b34f1361456d8d09817d32bd8f40eb86b77b0bf09521225c6b4e82' +
    '54d66593ce60b21c7356c014a78cf1dc1275ca1f3bbee4d1423dd430a33cb626' +
    '6fbf0eda4669075727f21d9bbc944303f811c7f690ef3ee706c3d52fc8661ed7' +
    '08e8eade8052eef784aa72ac354d6a2a961ad2715a1549744b9fd05e0418a4ec' +
    'c2e0416e0f51cbcc2491af50a1f47039997c3a8523b8b47afc02365b25559731' +
    '2d5dfa98e38a92ae05df2910676cbac9d300e6cfe19ea82c6316013f58e289a9' +
    '0d38341bab33ffb0bb480c5fb9b1cd2ec5f3db47e5a59c770aa62068fe7fc1ad',
  'hex',
);
const pi = (index: number): number => PI[index & 0xff] ?? 0;

/** The key for `effectiveBits` bits of strength as 64 words. The caller zeroes it. */
function expandKey(key: Buffer, effectiveBits: number): Uint16Array {
  const bytes = Buffer.alloc(128);
  key.copy(bytes);
  const at = (i: number): number => bytes[i] ?? 0;
  for (let i = key.length; i < 128; i++) bytes[i] = pi(at(i - 1) + at(i - key.length));
  const kept = Math.ceil(effectiveBits / 8);
  bytes[128 - kept] = pi(at(128 - kept) & (0xff >> (8 * kept - effectiveBits)));
  for (let i = 127 - kept; i >= 0; i--) bytes[i] = pi(at(i + 1) ^ at(i + kept));
  const words = new Uint16Array(64);
  for (let i = 0; i < 64; i++) words[i] = bytes.readUInt16LE(2 * i);
  bytes.fill(0);
  return words;
}

const SHIFTS = [1, 2, 3, 5] as const;

/** One block in place. */
function decryptBlock(block: Uint16Array, key: Uint16Array): void {
  const word = (i: number): number => block[i & 3] ?? 0;
  const round = (number: number): void => {
    for (let i = 3; i >= 0; i--) {
      const shift = SHIFTS[i] ?? 0;
      const rotated = (word(i) >>> shift) | (word(i) << (16 - shift));
      const mixed = (word(i + 3) & word(i + 2)) + (~word(i + 3) & word(i + 1));
      block[i] = rotated - mixed - (key[4 * number + i] ?? 0);
    }
  };
  const unmash = (): void => {
    for (let i = 3; i >= 0; i--) block[i] = word(i) - (key[word(i + 3) & 63] ?? 0);
  };
  for (let number = 15; number >= 0; number--) {
    round(number);
    if (number === 11 || number === 5) unmash();
  }
}

/** CBC, with the padding still on it. `ciphertext` is whole blocks. The caller zeroes the result. */
export function rc2CbcDecrypt(key: Buffer, effectiveBits: number, iv: Buffer, ciphertext: Buffer): Buffer {
  const words = expandKey(key, effectiveBits);
  const plaintext = Buffer.alloc(ciphertext.length);
  const block = new Uint16Array(4);
  for (let at = 0; at < ciphertext.length; at += BLOCK) {
    for (let i = 0; i < 4; i++) block[i] = ciphertext.readUInt16LE(at + 2 * i);
    decryptBlock(block, words);
    const [before, from] = at === 0 ? [iv, 0] : [ciphertext, at - BLOCK];
    for (let i = 0; i < 4; i++)
      plaintext.writeUInt16LE((block[i] ?? 0) ^ before.readUInt16LE(from + 2 * i), at + 2 * i);
  }
  words.fill(0);
  block.fill(0);
  return plaintext;
}
