const SAMPLE_RATE = 8_000;
const CHANNELS = 2;
const BYTES_PER_SAMPLE = 2;
const HEADER_BYTES = 44;
const SYLLABLE_SECONDS = 0.22;

/** Formants of five vowels in Hz: what makes a buzz sound like somebody talking. */
const VOWELS = [
  [730, 1090],
  [530, 1840],
  [270, 2290],
  [570, 840],
  [300, 870],
] as const;

/** Of what is sampled, and of syllables beside each other: waveforms are to be told from a line. */
const LOUDEST = 18_000;
const STRESSES = [0.12, 1, 0.45, 0.7, 0.28] as const;

/**
 * A stereo telephone call as WAV (PCM, 8 kHz, 16 bits): an agent on the left and a caller on the right take turns
 * babbling. Always the same for the same length: 60 s are 1.92 MB.
 */
export function generateCallWav(seconds: number): Buffer {
  const frames = Math.round(seconds * SAMPLE_RATE);
  const wav = Buffer.alloc(HEADER_BYTES + frames * CHANNELS * BYTES_PER_SAMPLE);
  writeHeader(wav);
  const agent = speaker(120, 1);
  const caller = speaker(205, 2);
  for (let frame = 0, at = HEADER_BYTES; frame < frames; frame += 1) {
    const time = frame / SAMPLE_RATE;
    const agentSpeaks = Math.floor(time / 3.7) % 2 === 0;
    at = wav.writeInt16LE(agentSpeaks ? agent(time) : 0, at);
    at = wav.writeInt16LE(agentSpeaks ? 0 : caller(time), at);
  }
  return wav;
}

/** The canonical header of a PCM WAV file: RIFF, fmt and data. */
function writeHeader(wav: Buffer): void {
  const frameBytes = CHANNELS * BYTES_PER_SAMPLE;
  wav.write('RIFF', 0);
  wav.writeUInt32LE(wav.length - 8, 4);
  wav.write('WAVEfmt ', 8);
  wav.writeUInt32LE(16, 16);
  wav.writeUInt16LE(1, 20);
  wav.writeUInt16LE(CHANNELS, 22);
  wav.writeUInt32LE(SAMPLE_RATE, 24);
  wav.writeUInt32LE(SAMPLE_RATE * frameBytes, 28);
  wav.writeUInt16LE(frameBytes, 32);
  wav.writeUInt16LE(8 * BYTES_PER_SAMPLE, 34);
  wav.write('data', 36);
  wav.writeUInt32LE(wav.length - HEADER_BYTES, 40);
}

/** A voice at this pitch in Hz: samples by time. */
function speaker(pitch: number, seed: number): (time: number) => number {
  const harmonics = Array.from({ length: 14 }, (_, index) => index + 1);
  let syllable = -1;
  let weights: number[] = [];
  let stress = 0;
  return (time) => {
    const now = Math.floor(time / SYLLABLE_SECONDS);
    if (now !== syllable) {
      syllable = now;
      const formants = VOWELS[pick(now, seed)] ?? VOWELS[0];
      stress = STRESSES[pick(now, seed + 7)] ?? 1;
      weights = harmonics.map((n) => loudness(n * pitch, formants));
    }
    const within = (time / SYLLABLE_SECONDS) % 1;
    const envelope = Math.sin(Math.PI * within) ** 0.7;
    const base = 2 * Math.PI * pitch * time;
    const sound = weights.reduce((sum, weight, index) => sum + weight * Math.sin(base * (index + 1)), 0);
    return Math.round(LOUDEST * stress * envelope * Math.tanh(sound));
  };
}

/** Scatters the vowels without repeating soon (a multiplicative hash). */
const pick = (syllable: number, seed: number): number =>
  (Math.imul(syllable + 1, 2_654_435_761 + seed) >>> 16) % VOWELS.length;

const loudness = (frequency: number, formants: readonly [number, number]): number =>
  formants.reduce((sum, formant) => sum + Math.exp(-(((frequency - formant) / 180) ** 2)), 0.05);
