import { type KeyObject, randomBytes as systemRandomBytes } from 'node:crypto';
import { AppError } from '@sealtrack/errors/app-error';
import { createChecksum } from './checksum.ts';
import { encodeEnvelope } from './encode-envelope.ts';
import type { Recipient } from './recipient.ts';
import { CONTEXT_SIZE, deriveTagKey, SEGMENT_SIZE, segmentTag } from './segment-tags.ts';
import { giveBack, takeStage } from './staging.ts';
import type { ContentCipher, SuiteName } from './suites/suite.ts';
import { SUITES } from './suites/suites.ts';

export interface MediaSealerOptions {
  readonly suite: SuiteName;
  /** One or more; each of them can open the media alone. */
  readonly recipients: readonly Recipient[];
  /** Where session key and IV come from, in that order. The sealer zeroes the key. */
  readonly randomBytes?: (size: number) => Buffer;
}

/** What must be kept, beside the ciphertext, to open it. Sizes in bytes. */
export interface SealedMedia {
  readonly suite: SuiteName;
  /** Detached PKCS#7 ContentInfo in DER. */
  readonly envelope: Buffer;
  readonly plaintextSize: number;
  readonly ciphertextSize: number;
  /** 16 bytes for every segment, in order. */
  readonly tags: Buffer;
  /** Of the ciphertext, without a key: see checksum.ts. */
  readonly checksum: string;
}

/** Encrypts one media file. */
export interface MediaSealer {
  /**
   * The ciphertext, as the plaintext comes in. Holds at most one segment (256 KiB) of it. The chunks are the
   * consumer's to keep. Can be called once.
   */
  seal(source: AsyncIterable<Uint8Array>): AsyncGenerator<Buffer, void>;
  /** Once the ciphertext has been read to its end, not before. */
  finish(): SealedMedia;
}

/** Throws INVALID_ARGUMENT without recipients or with one twice. */
export function createMediaSealer(options: MediaSealerOptions): MediaSealer {
  checkRecipients(options.recipients);
  let isUsed = false;
  let sealed: SealedMedia | undefined;

  async function* seal(source: AsyncIterable<Uint8Array>): AsyncGenerator<Buffer, void> {
    if (isUsed) throw new Error('A media sealer seals one media file');
    isUsed = true;
    const { envelope, cipher, tagKey, iv } = start(options);
    const tagger = createTagger(tagKey, iv);
    const stage = takeStage();
    let staged = 0;
    let plaintextSize = 0;
    try {
      for await (const chunk of source) {
        plaintextSize += chunk.length;
        let at = 0;
        // A full segment waits until more follows, because the last one's tag is another.
        while (staged + chunk.length - at > SEGMENT_SIZE) {
          const taken = SEGMENT_SIZE - staged;
          const part = chunk.subarray(at, at + taken);
          if (staged > 0) stage.set(part, staged);
          const segment = cipher.update(staged > 0 ? stage : part);
          tagger.add(false, segment);
          yield segment;
          at += taken;
          staged = 0;
        }
        stage.set(at === 0 ? chunk : chunk.subarray(at), staged);
        staged += chunk.length - at;
      }
      const body = cipher.update(stage.subarray(0, staged));
      const end = cipher.final();
      if (body.length + end.length <= SEGMENT_SIZE) tagger.add(true, body, end);
      else {
        tagger.add(false, body);
        tagger.add(true, end);
      }
      if (body.length > 0) yield body;
      if (end.length > 0) yield end;
      sealed = { suite: options.suite, envelope, plaintextSize, ...tagger.result() };
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

interface Started {
  readonly envelope: Buffer;
  readonly cipher: ContentCipher;
  readonly tagKey: KeyObject;
  readonly iv: Buffer;
}

/** The session key lives for these lines only; OpenSSL keeps its own schedule of it until the cipher is collected. */
function start({ suite: name, recipients, randomBytes = systemRandomBytes }: MediaSealerOptions): Started {
  const suite = SUITES[name];
  const dek = randomBytes(32);
  try {
    const iv = randomBytes(suite.ivSize);
    return {
      iv,
      envelope: encodeEnvelope(suite, recipients, dek, iv),
      cipher: suite.createCipher(dek, iv),
      tagKey: deriveTagKey(dek, iv, name),
    };
  } finally {
    dek.fill(0);
  }
}

/** Keeps the sums over the ciphertext, segment by segment. */
function createTagger(key: KeyObject, iv: Buffer) {
  const tags: Buffer[] = [];
  const checksum = createChecksum();
  const context = Buffer.alloc(CONTEXT_SIZE);
  iv.copy(context, CONTEXT_SIZE - iv.length);
  let ciphertextSize = 0;
  return {
    add(isLast: boolean, ...segment: readonly Buffer[]): void {
      tags.push(segmentTag(key, tags.length, isLast, context, ...segment));
      for (const part of segment) {
        checksum.update(part);
        ciphertextSize += part.length;
      }
      const end = segment[0];
      if (!isLast && end !== undefined) end.copy(context, 0, end.length - CONTEXT_SIZE);
    },
    result: () => ({ ciphertextSize, tags: Buffer.concat(tags), checksum: checksum.digest() }),
  };
}

function checkRecipients(recipients: readonly Recipient[]): void {
  const distinct = new Set(recipients.map(({ issuerAndSerial }) => issuerAndSerial.toString('latin1')));
  if (recipients.length > 0 && distinct.size === recipients.length) return;
  const what = recipients.length === 0 ? 'There is no certificate' : 'The same certificate is given twice';
  throw new AppError('INVALID_ARGUMENT', `${what} to encrypt to`, {
    fix: 'Give one or more certificates, each once.',
    details: { field: 'recipients' },
  });
}
