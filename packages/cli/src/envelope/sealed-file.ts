import { dirname, join } from 'node:path';
import { decodeArmor } from '@sealtrack/envelope/armor';
import { parseEnvelope } from '@sealtrack/envelope/envelope';
import { MAX_MANIFEST_BYTES, type Manifest, parseManifest } from '@sealtrack/envelope/manifest';
import type { Form } from '@sealtrack/envelope/opening-commands';
import { unsplice } from '@sealtrack/envelope/unsplice';
import { AppError, hasCode } from '@sealtrack/errors/app-error';
import type { Context } from '../context.ts';
import { readBlocks, readSmallFile, sizeOfFile } from '../files.ts';

/** What people have of a recording. Every `path` is absolute, every envelope detached and in DER. */
export type SealedFile =
  | { readonly kind: 'manifest'; readonly path: string; readonly manifest: Manifest }
  | { readonly kind: 'detached'; readonly path: string; readonly form: Form; readonly envelope: Buffer }
  /** A whole PKCS#7, CMS or S/MIME file. */
  | ({ readonly kind: 'attached'; readonly path: string; readonly form: Form } & Taken);

interface Taken {
  readonly envelope: Buffer;
  readonly ciphertextSize: number;
}

const BRACE = 0x7b;
const SEQUENCE = 0x30;

/**
 * Finds out what a file is. A whole PKCS#7 file is read to its end, in constant memory, since some of its envelope lies
 * behind the ciphertext. Throws INVALID_ARGUMENT when it cannot be read, MANIFEST_INVALID when it is JSON but no manifest,
 * ENVELOPE_INVALID when it is nothing of all that.
 */
export async function readSealedFile(context: Context, path: string): Promise<SealedFile> {
  const size = await sizeOfFile(path);
  const head = await readHead(path);
  if (head.find((byte) => byte > 0x20) === BRACE) {
    const manifest = parseManifest(await readSmallFile(path, MAX_MANIFEST_BYTES));
    return { kind: 'manifest', path, manifest };
  }
  const form = formOf(head);
  const bytes = context.progress(readBlocks(path, { signal: context.signal }), 'reading', size);
  const { ciphertext, envelope } = await unsplice(decodeArmor(bytes));
  if (ciphertext === undefined) return { kind: 'detached', path, form, envelope: checked(envelope()) };
  let ciphertextSize = 0;
  for await (const { length } of ciphertext) ciphertextSize += length;
  return { kind: 'attached', path, form, envelope: checked(envelope()), ciphertextSize };
}

/** Where a manifest's ciphertexts are, beside it. */
export const ciphertextsOf = (file: SealedFile): string[] =>
  file.kind === 'manifest'
    ? file.manifest.media.map(({ ciphertext }) => join(dirname(file.path), ciphertext))
    : [];

/** The ciphertext in a whole PKCS#7 file, which was found to be one before. */
export async function* ciphertextWithin(path: string, signal: AbortSignal): AsyncGenerator<Buffer> {
  const { ciphertext } = await unsplice(decodeArmor(readBlocks(path, { signal })));
  if (ciphertext !== undefined) yield* ciphertext;
}

async function readHead(path: string): Promise<Buffer> {
  for await (const block of readBlocks(path, { length: 1024 })) return block;
  return Buffer.alloc(0);
}

function formOf(head: Buffer): Form {
  if (head[0] === SEQUENCE) return 'DER';
  return head.includes('-----BEGIN ') ? 'PEM' : 'SMIME';
}

/** Says what is wrong with it, if anything is, before a key is asked for. */
function checked(envelope: Buffer): Buffer {
  try {
    return parseEnvelope(envelope).der;
  } catch (error) {
    // There is no manifest to restore.
    throw hasCode(error, 'ENVELOPE_INVALID') ? notOpenedHere(error) : error;
  }
}

const notOpenedHere = (error: AppError): AppError =>
  new AppError('ENVELOPE_INVALID', error.message, {
    fix: '`openssl cms -cmsout -print -inform DER -noout -in FILE` shows what is in it; docs/envelope.md, 9, has what opens here, and openssl cms -decrypt opens more.',
    cause: error,
  });
