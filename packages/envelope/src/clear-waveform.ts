import { createChecksum } from './checksum.ts';
import { decryptionFailed } from './failures.ts';
import { decodeWaveform, encodeWaveform, type Waveform } from './waveform.ts';

const VERSION = Buffer.of(1);
const CHECKSUM_SIZE = 16;

/** Of media that is stored in clear: version ‖ waveform ‖ the checksum of both, which finds rot and proves nothing else. */
export function keepWaveform(waveform: Waveform): Buffer {
  const bytes = Buffer.concat([VERSION, encodeWaveform(waveform)]);
  return Buffer.concat([bytes, checksumOf(bytes)]);
}

/** Throws DECRYPTION_FAILED for what is not as it was kept. */
export function openClearWaveform(kept: Buffer): Waveform {
  const bytes = kept.subarray(0, -CHECKSUM_SIZE);
  const isWhole = bytes[0] === VERSION[0] && checksumOf(bytes).equals(kept.subarray(-CHECKSUM_SIZE));
  const waveform = isWhole ? decodeWaveform(bytes.subarray(VERSION.length)) : undefined;
  if (waveform === undefined) throw decryptionFailed({ check: 'waveform' });
  return waveform;
}

function checksumOf(bytes: Buffer): Buffer {
  const checksum = createChecksum();
  checksum.update(bytes);
  return Buffer.from(checksum.digest().slice('gmac0:'.length), 'hex');
}
