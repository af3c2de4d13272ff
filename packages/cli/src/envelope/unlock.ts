import { timingSafeEqual } from 'node:crypto';
import { basename, dirname } from 'node:path';
import { decryptKeyHere } from '@sealtrack/envelope/decrypt-key';
import { parseEnvelope } from '@sealtrack/envelope/envelope';
import { describeRecipient } from '@sealtrack/envelope/inspect';
import { unwrapDek } from '@sealtrack/envelope/unwrap';
import { AppError, hasCode } from '@sealtrack/errors/app-error';
import type { Context } from '../context.ts';
import { note } from '../note.ts';
import { type ChosenRecipient, chooseRecipient } from './choose-recipient.ts';
import { type KeyFile, type KeyIfNeeded, readKey } from './read-key.ts';

/**
 * Does something with the session key of an envelope, which is zeroed afterwards. `hasTags` says whether a wrong one is
 * sure to be found out. Throws as chooseRecipient and unwrapDek, DECRYPTION_FAILED, and what `use` throws.
 */
export type Unlock = <Result>(
  envelope: Buffer,
  hasTags: boolean,
  use: (dek: Buffer) => Promise<Result>,
) => Promise<Result>;

/** For the envelopes of one command: it says only once how a recipient was chosen. */
export function createUnlock(context: Context, key: KeyFile): Unlock {
  const said = new Set<string>();
  return async (envelope, hasTags, use) => {
    const parsed = parseEnvelope(envelope);
    const chosen = await chooseRecipient(parsed, key);
    const text = describeChoice(chosen, key.path);
    if (text !== undefined && !said.has(text)) await note(context, text);
    if (text !== undefined) said.add(text);

    if (!hasTags && chosen.recipient.keyTransport === undefined)
      throw unsupported(describeRecipient(chosen.recipient).name);
    const only = { ...parsed, recipients: [chosen.recipient] };
    const unwrap = () => unwrapDek(only, { privateKey: key.privateKey }, decryptKeyHere);
    const dek = await unwrap();
    try {
      if (!hasTags && !(await isSteady(dek, unwrap))) throw notOpened(hasTags);
      return await use(dek);
    } catch (error) {
      throw hasCode(error, 'DECRYPTION_FAILED') ? notOpened(hasTags) : error;
    } finally {
      dek.fill(0);
    }
  };
}

/** As createUnlock, with the key of a command's options; without one, it throws INVALID_ARGUMENT whenever it is used. */
export async function readUnlock(
  context: Context,
  { key, ...options }: KeyIfNeeded,
  sealedFile: string,
): Promise<Unlock> {
  if (key !== undefined)
    return createUnlock(context, await readKey(context, { ...options, key }, sealedFile));
  return async () => {
    throw new AppError('INVALID_ARGUMENT', 'The media is encrypted, and no private key was given', {
      fix: 'Give the private key of one of its recipients with --key; sealtrack envelope inspect lists them.',
    });
  };
}

const unsupported = (recipient: string): AppError =>
  new AppError('ENVELOPE_INVALID', `The session key is encrypted in a way not known here, to: ${recipient}`, {
    fix: 'Open it with openssl cms -decrypt, or the tool that wrote it: here only RSA keys with PKCS#1 v1.5, or OAEP and MGF1 with one and the same SHA, open.',
  });

/** One answer as ever, with what the reader of this command can do. */
const notOpened = (hasTags: boolean): AppError =>
  new AppError('DECRYPTION_FAILED', `The media does not match its envelope${hasTags ? ' and tags' : ''}`, {
    fix: hasTags
      ? 'Run sealtrack envelope scrub on the manifest: if that finds damage, restore the file from a copy; if not, check that the key is of one of the recipients that sealtrack envelope inspect lists.'
      : 'Check that the key is of one of the recipients that sealtrack envelope inspect lists, and that the ciphertext is the right one, and whole.',
  });

/**
 * Padding takes one wrong session key in 256 for right. But what is none comes out of unwrapDek as another one each time,
 * so that doing it again tells nearly all wrong keys from right ones. It tells nobody but the key's owner.
 */
async function isSteady(dek: Buffer, unwrap: () => Promise<Buffer>): Promise<boolean> {
  const again = await unwrap();
  const isSame = again.length === dek.length && timingSafeEqual(again, dek);
  again.fill(0);
  return isSame;
}

function describeChoice({ because, foundIn }: ChosenRecipient, keyPath: string): string | undefined {
  if (because !== undefined) return `recipient chosen because ${because}`;
  if (foundIn === undefined) return undefined;
  if (foundIn === keyPath) return 'certificate found in the key file';
  const where = dirname(foundIn) === dirname(keyPath) ? 'the key' : 'the recording';
  return `certificate found beside ${where}: ${basename(foundIn)}`;
}
