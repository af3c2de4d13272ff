import { contextTag, element, integer, octetString, oid, sequence, setOf } from '@sealtrack/certificates/der';
import { CONTENT_CIPHERS, type ContentCipherName } from '@sealtrack/envelope/content-ciphers';
import {
  AUTH_ENVELOPED_DATA,
  ENVELOPED_DATA,
  encodeContentInfo,
  ID_DATA,
} from '@sealtrack/envelope/encode-envelope';
import { type Envelope, parseEnvelope } from '@sealtrack/envelope/envelope';
import { readStructure } from '@sealtrack/envelope/envelope-structure';
import { attempt, attemptLater, must } from '../judge.ts';
import { openUntagged } from '../open-untagged.ts';
import type { Original } from '../originals.ts';
import type { Target } from '../target.ts';

const CIPHERS = Object.keys(CONTENT_CIPHERS) as ContentCipherName[];
const attributes = (n: number): Buffer => element(contextTag(n, true), sequence(oid('1.2.3'), setOf()));

/**
 * Every cipher in both kinds of envelope, with the parameters and the MAC of either. An authenticated ciphertext that
 * could be passed off as CBC would be decrypted block by block for whoever asks; so only what belongs together is read.
 */
export const crossedParts = (originals: readonly Original[]): Target => ({
  name: 'parts of envelopes of all ciphers, crossed',
  *mutants() {
    for (const original of originals) {
      const { parts } = readStructure(original.media.envelope);
      const { iv, mac = Buffer.alloc(16) } = parseEnvelope(original.media.envelope);
      const ivs = [iv, Buffer.alloc(16, iv), Buffer.alloc(12, iv), Buffer.alloc(8, iv), Buffer.alloc(0)];
      const sizes = [[integer(Buffer.of(16))], [integer(Buffer.of(12))], []];
      const parameters = ivs.flatMap((each) => [
        octetString(each),
        ...sizes.map((size) => sequence(octetString(each), ...size)),
      ]);
      const macs = [mac, mac.subarray(4), Buffer.alloc(0)].map(octetString);
      const tails = [[], ...macs.map((each) => [each]), [attributes(1)], [attributes(1), octetString(mac)]];
      for (const contentInfoType of [ENVELOPED_DATA, AUTH_ENVELOPED_DATA])
        for (const cipher of CIPHERS)
          for (const [p, parameter] of parameters.entries())
            for (const [t, tail] of tails.entries()) {
              const contentEncryption = sequence(oid(CONTENT_CIPHERS[cipher].oid), parameter);
              const contentType = oid(ID_DATA);
              const bytes = encodeContentInfo({
                ...parts,
                contentInfoType,
                contentType,
                contentEncryption,
                tail,
              });
              if (bytes.equals(original.media.envelope)) continue;
              const what = `${original.name} as ${cipher} in ${contentInfoType}, parameters ${p}, tail ${t}`;
              yield { what, bytes, check: () => checkParts(original, contentInfoType, cipher, bytes) };
            }
    }
  },
});

async function checkParts(
  original: Original,
  contentInfoType: string,
  cipher: ContentCipherName,
  bytes: Buffer,
): Promise<string> {
  const parsed = attempt(() => parseEnvelope(bytes), 'ENVELOPE_INVALID');
  if (parsed.code !== undefined) return parsed.code;
  const envelope = parsed.result;
  must(envelope.cipher === cipher && isWhole(envelope, contentInfoType), 'parts that do not belong together');
  const { owner, ciphertext, plaintext } = original;
  const unwrapped = await attemptLater(() => owner.unwrap(envelope), 'KEY_NOT_HELD');
  if (unwrapped.code !== undefined) return unwrapped.code;
  return openUntagged(envelope, unwrapped.result, ciphertext, plaintext, 1000);
}

function isWhole({ cipher, iv, mac }: Envelope, contentInfoType: string): boolean {
  const { isAuthenticated, ivSize } = CONTENT_CIPHERS[cipher];
  const isKind = isAuthenticated === (contentInfoType === AUTH_ENVELOPED_DATA);
  return isKind && iv.length === ivSize && mac?.length === (isAuthenticated ? 16 : undefined);
}
