import { createSecretKey } from 'node:crypto';
import { ALG, decryptJwe, ENC, encryptJwe } from '@sealtrack/jose/jwe';
import { type JweShape, readJweHeader, sealBroken } from './jwe-format.ts';
import type { Kek } from './keks.ts';
import { KEY_BYTES, type NamedKey } from './named-key.ts';

/** A key as JWE, of about 250 characters. */
export const MAX_WRAPPED_LENGTH = 1024;

export const RESTORE_KEYRING =
  'Restore the keyring in Redis from the copy in the backup directory, then start the crypto server again.';

const shape = (typ: string, fields: readonly string[], what: string): JweShape => ({
  typ,
  fields,
  maxLength: MAX_WRAPPED_LENGTH,
  isSize: (bytes) => bytes === KEY_BYTES,
  malformed: () => sealBroken(`${what} is not in the form that Sealtrack wraps it in`, RESTORE_KEYRING),
});

const ROOT = shape('sealtrack-root', [], 'The root key');
const KEK = shape('sealtrack-kek', ['number'], 'A key-encryption key');

/** Wraps a root key under an unseal key, whose id is its `kid`. The caller zeroes `root`. */
export const wrapRoot = (root: Buffer, by: NamedKey): Promise<string> =>
  encryptJwe(root, by.key, { typ: ROOT.typ, alg: ALG, enc: ENC, kid: by.id });

/** @returns the root key, for the caller to zero. @throws AppError SEAL_BROKEN. */
export async function unwrapRoot(jwe: string, by: NamedKey): Promise<Buffer> {
  const { kid } = readJweHeader(jwe, ROOT);
  if (kid !== by.id)
    throw sealBroken('The root key is wrapped under another key than it says', RESTORE_KEYRING);
  return await orBroken('The root key', () => decryptJwe(jwe, by.key, kid));
}

/** Wraps a key-encryption key under the root, bound to its number. */
export async function wrapKek({ number, key }: Kek, root: NamedKey): Promise<string> {
  const bytes = key.export();
  try {
    const fields = { typ: KEK.typ, alg: ALG, enc: ENC, kid: root.id, number: String(number) };
    return await encryptJwe(bytes, root.key, fields);
  } finally {
    bytes.fill(0);
  }
}

/** @throws AppError SEAL_BROKEN, also when it is the key of another number. */
export async function unwrapKek(jwe: string, number: number, root: NamedKey): Promise<Kek> {
  const header = readJweHeader(jwe, KEK);
  if (header.kid !== root.id || header.number !== String(number))
    throw sealBroken(`Key-encryption key ${number} was exchanged for another`, RESTORE_KEYRING);
  const bytes = await orBroken(`Key-encryption key ${number}`, () => decryptJwe(jwe, root.key, root.id));
  try {
    return { number, key: createSecretKey(bytes) };
  } finally {
    bytes.fill(0);
  }
}

async function orBroken(what: string, open: () => Promise<Buffer>): Promise<Buffer> {
  try {
    return await open();
  } catch (cause) {
    throw sealBroken(`${what} does not open: it was changed`, RESTORE_KEYRING, cause);
  }
}
