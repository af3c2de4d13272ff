import { expect, test } from 'vitest';
import { ENCODINGS, noise, sampleSize } from '../../testing/wav.ts';
import { createDesk } from './loudness.ts';
import { createVectors } from './vectors.ts';

test.each(ENCODINGS)('%s is as loud with vectors as without them', (encoding) => {
  const vectors = createVectors();
  if (vectors === undefined) throw new Error('the module is none');
  const [fast, plain] = [createDesk(vectors), createDesk(undefined)];
  for (const channels of [1, 2, 3, 4, 8])
    for (const frames of [1, 100, 255, 256, 257, 1000, 1001]) {
      const format = { encoding, channels, sampleRate: 8000, frameSize: channels * sampleSize(encoding) };
      const sound = noise(frames, format);
      const [heard, right] = [new Uint8Array(channels), new Uint8Array(channels)];
      for (const skipped of [0, 1].filter((each) => each < frames)) {
        fast.bytes.set(sound);
        fast.raise(format, heard, skipped * format.frameSize, sound.length);
        plain.bytes.set(sound);
        plain.raise(format, right, skipped * format.frameSize, sound.length);
        expect(heard).toEqual(right);
      }
    }
});
