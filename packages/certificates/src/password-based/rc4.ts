/** RC4, for opening the PKCS#12 files of the nineties only. The caller zeroes the result. */
export function rc4(key: Buffer, input: Buffer): Buffer {
  const state = Buffer.alloc(256);
  for (let i = 0; i < 256; i++) state[i] = i;
  const at = (i: number): number => state[i] ?? 0;
  const swap = (i: number, j: number): void => {
    [state[i], state[j]] = [at(j), at(i)];
  };
  for (let i = 0, j = 0; i < 256; i++) {
    j = (j + at(i) + (key[i % key.length] ?? 0)) & 0xff;
    swap(i, j);
  }
  const output = Buffer.alloc(input.length);
  let [i, j] = [0, 0];
  input.forEach((byte, index) => {
    i = (i + 1) & 0xff;
    j = (j + at(i)) & 0xff;
    swap(i, j);
    output[index] = byte ^ at((at(i) + at(j)) & 0xff);
  });
  state.fill(0);
  return output;
}
