import { randomBytes } from 'node:crypto';
import { AppError } from '@sealtrack/errors/app-error';
import { KEY_BYTES, type NamedKey, nameKey } from './named-key.ts';
import { createPrivateFile, readPrivateFile } from './private-file.ts';

/** 256 bits that open a root key. */
export type UnsealKey = NamedKey;

const MAX_FILE_BYTES = 1024;
const TEXT_LENGTH = 43;

/**
 * Reads a key from text: the base64url of 32 bytes, with or without a line end. The caller zeroes the text.
 * @param where it is from, for the error: a path, or the name of a variable.
 * @throws AppError CONFIG_INVALID.
 */
export function parseUnsealKey(text: Buffer, where: string): UnsealKey {
  const bytes = decode(text);
  try {
    if (bytes.length !== KEY_BYTES) throw malformed(where);
    return nameKey('unseal key', bytes);
  } finally {
    bytes.fill(0);
  }
}

/**
 * Writes a new file with one random key, readable by its owner only. It appears whole or not at all.
 * @throws AppError OBJECT_EXISTS when there is a file; CONFIG_INVALID when it cannot be written.
 */
export async function createUnsealKeyFile(path: string): Promise<void> {
  const key = randomBytes(KEY_BYTES);
  // Through a string of 43 characters, which stays in memory until it is collected: Node has no other base64url.
  const content = Buffer.from(`${key.toString('base64url')}\n`);
  try {
    await createPrivateFile(path, content);
  } finally {
    key.fill(0);
    content.fill(0);
  }
}

/** @throws AppError CONFIG_INVALID when it cannot be read, is open to others, or is malformed. */
export async function readUnsealKeyFile(path: string): Promise<UnsealKey> {
  const content = await readPrivateFile(path, MAX_FILE_BYTES);
  try {
    return parseUnsealKey(content, path);
  } finally {
    content.fill(0);
  }
}

/** @returns the bytes, or none when the text is not the one spelling of 32 bytes. */
function decode(text: Buffer): Buffer {
  const end = /^\r?\n?$/.test(text.toString('latin1', TEXT_LENGTH)) ? TEXT_LENGTH : 0;
  const spelled = text.toString('latin1', 0, end);
  const bytes = Buffer.alloc(KEY_BYTES);
  bytes.write(spelled, 'base64url');
  return bytes.toString('base64url') === spelled ? bytes : Buffer.alloc(0);
}

const malformed = (where: string) =>
  new AppError('CONFIG_INVALID', `The unseal key of ${where} is not the base64url of ${KEY_BYTES} bytes`, {
    fix: 'Restore it from its backup. Do not make a new one while there is a keyring under the old: it would never open again.',
  });
