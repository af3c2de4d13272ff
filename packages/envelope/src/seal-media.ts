import { randomBytes as systemRandomBytes } from 'node:crypto';
import { AppError } from '@sealtrack/errors/app-error';
import { createSummer } from './ciphertext-sums.ts';
import type { ContentCipher, Encryptor } from './content-ciphers.ts';
import { encodeEnvelope, encodeHead } from './encode-envelope.ts';
import { envelopeMac } from './envelope-mac.ts';
import { deriveMediaKeys, type MediaKeys } from './media-keys.ts';
import { checkRecipients, type Recipient } from './recipient.ts';
import type { SealedMedia } from './sealed-media.ts';
import { sealWaveform, waveformKey } from './sealed-waveform.ts';
import { SEGMENT_SIZE } from './segment-tags.ts';
import { giveBack, takeStage } from './staging.ts';
import { SUITES, type SuiteName } from './suites.ts';
import type { Waveform } from './waveform.ts';

export interface MediaSealerOptions {
  readonly suite: SuiteName;
  /** One or more; each of them can open the media alone. */
  readonly recipients: readonly Recipient[];
  /** What the envelope stands for, such as tenant and recording: it opens only together with the same again. */
  readonly boundTo?: readonly string[];
  /** Asked once, when all of the plaintext has passed: what is to be kept beside it, if anything is. */
  readonly waveform?: () => Waveform | undefined;
  /** Where session key, IV and the waveform's nonce come from, in that order. The sealer zeroes the key. */
  readonly randomBytes?: (size: number) => Buffer;
}

/** Encrypts one media file. */
export interface MediaSealer {
  /**
   * The ciphertext, as the plaintext comes in. Holds at most one segment (256 KiB) of it, and looks at no chunk
   * of the source again when it has asked for the next. The chunks that come out are the consumer's to keep. Can be called once. Throws MEDIA_TOO_LARGE when there is more than the suite can encrypt, and
   * whatever the source throws.
   */
  seal(source: AsyncIterable<Uint8Array>): AsyncGenerator<Buffer, void>;
  /** Once the ciphertext has been read to its end, not before. */
  finish(): SealedMedia;
}

/** Throws INVALID_ARGUMENT without recipients or with one twice. */
export function createMediaSealer(options: MediaSealerOptions): MediaSealer {
  checkRecipients(options.recipients);
  const { cipher } = SUITES[options.suite];
  let isUsed = false;
  let sealed: SealedMedia | undefined;

  async function* seal(source: AsyncIterable<Uint8Array>): AsyncGenerator<Buffer, void> {
    if (isUsed) throw new Error('A media sealer seals one media file');
    isUsed = true;
    const started = start(options);
    const { encryptor } = started;
    const sums = createSummer(started.keys.tagKey, started.iv);
    const stage = takeStage();
    let staged = 0;
    let plaintextSize = 0;
    // Ciphertext that has no tag yet: whether a segment is the last shows when more follows, and its tag depends on that.
    let pending: Buffer | undefined;
    try {
      for await (const chunk of source) {
        plaintextSize += chunk.length;
        if (plaintextSize > cipher.maxPlaintextSize) throw tooLarge(cipher);
        for (let at = 0; at < chunk.length; ) {
          const part = chunk.subarray(at, at + SEGMENT_SIZE - staged);
          at += part.length;
          const isWhole = part.length === SEGMENT_SIZE;
          if (!isWhole) stage.set(part, staged);
          staged = (staged + part.length) % SEGMENT_SIZE;
          if (staged > 0) continue;
          const segment = encryptor.update(isWhole ? part : stage);
          if (pending !== undefined) {
            sums.add(false, pending);
            yield pending;
          }
          pending = segment;
        }
      }
      const end = Buffer.concat([encryptor.update(stage.subarray(0, staged)), encryptor.final()]);
      for (const [segment, isLast] of lastSegments(pending, end)) {
        sums.add(isLast, segment);
        if (segment.length > 0) yield segment;
      }
      const facts = { plaintextSize, ...sums.result() };
      const closed = closeEnvelope(options, started, facts);
      sealed = { suite: options.suite, ...facts, ...closed, ...closeWaveform(options, started) };
    } finally {
      giveBack(stage);
    }
  }

  const finish = (): SealedMedia => {
    if (sealed === undefined) throw new Error('The ciphertext has not been read to its end');
    return sealed;
  };
  return { seal, finish };
}

/** Whole blocks of padding can make a segment of their own; without padding, what is pending is the last. */
function lastSegments(
  pending: Buffer | undefined,
  end: Buffer,
): readonly [segment: Buffer, isLast: boolean][] {
  if (pending === undefined) return [[end, true]];
  return end.length === 0
    ? [[pending, true]]
    : [
        [pending, false],
        [end, true],
      ];
}

interface Started {
  readonly iv: Buffer;
  readonly encryptor: Encryptor;
  readonly keys: MediaKeys;
  /** The session key, encrypted to every recipient. */
  readonly head: readonly Buffer[];
}

/** The session key's bytes live for these lines only; OpenSSL keeps its own copy until the KeyObject is collected. */
function start({ suite: name, recipients, randomBytes = systemRandomBytes }: MediaSealerOptions): Started {
  const suite = SUITES[name];
  const { cipher } = suite;
  const dek = randomBytes(cipher.keySize);
  try {
    const iv = randomBytes(cipher.ivSize);
    const keys = deriveMediaKeys(dek, iv, cipher.name);
    return {
      iv,
      keys,
      encryptor: cipher.createEncryptor(keys.contentKey, iv),
      head: encodeHead(suite.keyTransport, recipients, dek),
    };
  } finally {
    dek.fill(0);
  }
}

/** The envelope waits for the end, because the MAC of GCM is in it. */
function closeEnvelope(
  { suite, boundTo = [] }: MediaSealerOptions,
  { head, iv, encryptor, keys }: Started,
  sizes: Pick<SealedMedia, 'plaintextSize' | 'ciphertextSize'>,
): Pick<SealedMedia, 'envelope' | 'envelopeMac'> {
  const envelope = encodeEnvelope(SUITES[suite].cipher, head, iv, encryptor.mac());
  return { envelope, envelopeMac: envelopeMac(keys.macKey, { ...sizes, envelope, boundTo }) };
}

function closeWaveform(
  { boundTo = [], waveform, randomBytes }: MediaSealerOptions,
  { iv, keys }: Started,
): Pick<SealedMedia, 'waveform'> {
  const seen = waveform?.();
  if (seen === undefined) return {};
  const key = waveformKey(keys.contentKey, iv);
  return { waveform: sealWaveform(key, boundTo, seen, randomBytes) };
}

const tooLarge = ({ name, maxPlaintextSize }: ContentCipher): AppError =>
  new AppError('MEDIA_TOO_LARGE', `${name} encrypts at most ${maxPlaintextSize} bytes in one media file`, {
    fix: 'Give the IVR profile the suite pkcs7, or record in more than one media file.',
    details: { max_bytes: String(maxPlaintextSize) },
  });
