export const RATE = 8_000;
export const BYTES_PER_SECOND = 2 * RATE;
export const WAV_HEADER_BYTES = 44;

/** Mono, 16 bits, 8 kHz: a tone that is another one each minute. */
export function wav(seconds: number): Buffer {
  const sound = Buffer.alloc(seconds * BYTES_PER_SECOND);
  const minute = Buffer.alloc(Math.min(60, seconds) * BYTES_PER_SECOND);
  for (let start = 0; start < sound.length; start += minute.length) {
    const period = 20 + ((start / minute.length) % 40);
    for (let i = 0; i < minute.length / 2; i += 1)
      minute.writeInt16LE(((i % period) - period / 2) * 200, 2 * i);
    minute.copy(sound, start);
  }
  const header = Buffer.alloc(WAV_HEADER_BYTES);
  header.write('RIFF', 0);
  header.writeUInt32LE(36 + sound.length, 4);
  header.write('WAVEfmt ', 8);
  header.writeUInt32LE(16, 16);
  header.writeUInt16LE(1, 20);
  header.writeUInt16LE(1, 22);
  header.writeUInt32LE(RATE, 24);
  header.writeUInt32LE(BYTES_PER_SECOND, 28);
  header.writeUInt16LE(2, 32);
  header.writeUInt16LE(16, 34);
  header.write('data', 36);
  header.writeUInt32LE(sound.length, 40);
  return Buffer.concat([header, sound]);
}
