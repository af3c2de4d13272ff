import { open } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { createChecksum } from '@sealtrack/envelope/checksum';
import { parseEnvelope, suiteOf } from '@sealtrack/envelope/envelope';
import {
  isClear,
  MAX_MANIFEST_BYTES,
  type Manifest,
  type ManifestMedia,
  parseManifest,
} from '@sealtrack/envelope/manifest';
import { isManifestAsWritten } from '@sealtrack/envelope/manifest-checksum';
import { AppError } from '@sealtrack/errors/app-error';
import { BLOCK_BYTES, readSmallFile, sizeOfFile } from '../files.ts';

export interface ScrubbedRecording {
  readonly manifest: string;
  readonly recordingId: string | null;
  readonly tenantId: string | null;
  readonly ok: boolean;
  /** Of ciphertext that was read. */
  readonly bytes: number;
  readonly problems: readonly Problem[];
  /** File names; undefined when the manifest does not say. */
  readonly ciphertexts: readonly string[] | undefined;
}

export interface Problem {
  /** Null for the manifest itself. */
  readonly mediaId: string | null;
  readonly file: string;
  readonly problem: string;
}

export interface ScrubOptions {
  readonly signal: AbortSignal;
  /** The user said that it is one. */
  readonly isManifest?: boolean;
  readonly onBytes: (bytes: number) => void;
}

/**
 * Compares all of a recording that can be compared without a key: manifest and envelopes are read, and sizes and
 * checksums of the ciphertext taken again. Undefined for JSON that never was a manifest. Never throws for damage.
 */
export async function scrubRecording(
  path: string,
  options: ScrubOptions,
): Promise<ScrubbedRecording | undefined> {
  let manifest: Manifest;
  let isAsWritten: boolean;
  try {
    // A pipe would be waited for without end.
    await sizeOfFile(path);
    const bytes = await readSmallFile(path, MAX_MANIFEST_BYTES);
    if (options.isManifest !== true && isSomethingElse(path, bytes)) return undefined;
    manifest = parseManifest(bytes);
    isAsWritten = isManifestAsWritten(bytes) ?? true;
  } catch (error) {
    const problems = [{ mediaId: null, file: path, problem: whatIsWrong(error) }];
    const unknown = { recordingId: null, tenantId: null, ciphertexts: undefined };
    return { manifest: path, ...unknown, ok: false, bytes: 0, problems };
  }
  const problems: Problem[] = [];
  if (!isAsWritten)
    problems.push({ mediaId: null, file: path, problem: 'is not as it was written: damaged, or edited' });
  let bytes = 0;
  const onBytes = (count: number): void => {
    bytes += count;
    options.onBytes(count);
  };
  for (const media of manifest.media) {
    const file = join(dirname(path), media.ciphertext);
    try {
      checkEnvelope(media);
      await checkCiphertext(file, media, { ...options, onBytes });
    } catch (error) {
      problems.push({ mediaId: media.mediaId, file, problem: whatIsWrong(error) });
    }
    options.signal.throwIfAborted();
  }
  const { recordingId, tenantId } = manifest;
  const ciphertexts = manifest.media.map(({ ciphertext }) => ciphertext);
  return { manifest: path, recordingId, tenantId, ok: problems.length === 0, bytes, problems, ciphertexts };
}

/** A media store has other JSON too. What is called recording.json is meant to be a manifest, however damaged. */
function isSomethingElse(path: string, bytes: Buffer): boolean {
  return basename(path) !== 'recording.json' && !bytes.includes('"sealtrack.recording.');
}

function checkEnvelope(media: ManifestMedia): void {
  if (isClear(media)) return;
  const { envelope, suite } = media;
  const found = suiteOf(parseEnvelope(envelope));
  if (found !== suite)
    throw new Damage(`the envelope is of suite ${found ?? 'none'}, and should be of ${suite}`);
}

async function checkCiphertext(
  path: string,
  { ciphertextSize, checksum }: ManifestMedia,
  options: ScrubOptions,
): Promise<void> {
  const size = await sizeOfFile(path);
  if (size !== ciphertextSize) throw new Damage(`has ${size} bytes, and should have ${ciphertextSize}`);
  if ((await checksumOf(path, options)) !== checksum)
    throw new Damage('has another checksum than in its manifest');
}

/** One buffer for all of it: this does nothing but read. */
async function checksumOf(path: string, { signal, onBytes }: ScrubOptions): Promise<string> {
  const sum = createChecksum();
  const buffer = Buffer.allocUnsafeSlow(BLOCK_BYTES);
  const file = await open(path, 'r');
  try {
    for (;;) {
      signal.throwIfAborted();
      const { bytesRead } = await file.read(buffer, 0, buffer.length, null);
      if (bytesRead === 0) return sum.digest();
      sum.update(buffer.subarray(0, bytesRead));
      onBytes(bytesRead);
    }
  } finally {
    await file.close();
  }
}

class Damage extends Error {}

const SYSTEM_ERRORS: Readonly<Record<string, string>> = {
  ENOENT: 'is missing',
  EACCES: 'may not be read',
  EIO: 'cannot be read: the disk reports an error',
};

/** In a few words that go behind the name of a file. Throws what is not about the file. */
export function whatIsWrong(error: unknown): string {
  const code = systemCode(error);
  if (code !== undefined) return SYSTEM_ERRORS[code] ?? `cannot be read (${code})`;
  if (error instanceof AppError || error instanceof Damage) return error.message;
  throw error;
}

function systemCode(error: unknown): string | undefined {
  if (error instanceof AppError) return error.details.code;
  const { syscall, code } = error as NodeJS.ErrnoException;
  return syscall === undefined ? undefined : code;
}
