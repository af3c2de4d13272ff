import { parseCertificate } from '@sealtrack/certificates/certificate';
import { createSelfSigned } from '@sealtrack/certificates/self-signed';
import { recipientFromCertificate } from '@sealtrack/envelope/recipient';
import { createMediaSealer } from '@sealtrack/envelope/seal-media';
import { createPeakMeter } from '../domain/peaks/peak-meter.ts';
import { measurePeaks } from '../measure-peaks.ts';
import { type TestEncoding, wavOf } from './wav.ts';

/**
 * A process of its own for the bench `console`: what drawing a waveform adds to sealing. Takes MiB of sound and rounds; prints MB a CPU
 * second as one line of JSON.
 */

const [mebibytes = 64, rounds = 5] = process.argv.slice(2).map(Number);
const CHUNK_BYTES = 128 * 1024;
const CASES: readonly (readonly [name: string, encoding: TestEncoding, channels: number])[] = [
  ['pcm16 stereo', 'pcm16', 2],
  ['mu-law', 'mu-law', 1],
];

const { certificatePem } = await createSelfSigned({ commonName: 'Bench' });
const recipients = [recipientFromCertificate(parseCertificate(certificatePem))];

async function* chunksOf(wav: Buffer): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < wav.length; at += CHUNK_BYTES) yield wav.subarray(at, at + CHUNK_BYTES);
}

async function seal(wav: Buffer, isDrawn: boolean): Promise<number> {
  const before = process.cpuUsage();
  const meter = createPeakMeter();
  const sealer = createMediaSealer({
    ...{ suite: 'pkcs7' as const, recipients },
    ...(isDrawn && { waveform: meter.waveform }),
  });
  const source = isDrawn ? measurePeaks(chunksOf(wav), meter) : chunksOf(wav);
  for await (const _ of sealer.seal(source));
  const { waveform } = sealer.finish();
  if ((waveform !== undefined) !== isDrawn) throw new Error('There is a waveform where one is drawn');
  const { user, system } = process.cpuUsage(before);
  return wav.length / (user + system);
}

const medianOf = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;

// Something to hear, the same each time.
const sound = Buffer.alloc(mebibytes * 2 ** 20);
for (let i = 0, state = 1; i < sound.length; i += 1) {
  state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
  sound[i] = state >>> 24;
}
const rates = [];
for (const [encoding, format, channels] of CASES) {
  const wav = wavOf(sound, { encoding: format, channels });
  const all = { withWaveform: [] as number[], without: [] as number[] };
  for (const isDrawn of [false, true]) await seal(wav, isDrawn);
  for (let round = 0; round < rounds; round += 1) {
    all.without.push(await seal(wav, false));
    all.withWaveform.push(await seal(wav, true));
  }
  rates.push({ encoding, withWaveform: medianOf(all.withWaveform), without: medianOf(all.without) });
}
console.log(JSON.stringify(rates));
