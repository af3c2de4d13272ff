import { expect, test } from 'vitest';
import { generateCallWav } from './generate-call.ts';

test('is a stereo 8 kHz WAV file of the length asked for', () => {
  const wav = generateCallWav(2);
  expect(wav.toString('latin1', 0, 4)).toBe('RIFF');
  expect(wav.readUInt32LE(4)).toBe(wav.length - 8);
  expect(wav.readUInt16LE(22)).toBe(2);
  expect(wav.readUInt32LE(24)).toBe(8_000);
  expect(wav.readUInt32LE(40)).toBe(2 * 8_000 * 2 * 2);
});

test('has both sides of the call in it, one at a time', () => {
  const wav = generateCallWav(8);
  const loudest = (channel: number, second: number): number => {
    const first = 44 + second * 8_000 * 4 + channel * 2;
    return Math.max(
      ...Array.from({ length: 8_000 }, (_, frame) => Math.abs(wav.readInt16LE(first + frame * 4))),
    );
  };
  expect(loudest(0, 1)).toBeGreaterThan(1_000);
  expect(loudest(1, 1)).toBe(0);
  expect(loudest(0, 5)).toBe(0);
  expect(loudest(1, 5)).toBeGreaterThan(1_000);
});

test('is the same every time', () => {
  expect(generateCallWav(1).equals(generateCallWav(1))).toBe(true);
});
