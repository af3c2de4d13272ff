import { createSecretKey, type KeyObject, randomBytes } from 'node:crypto';
import { inspect } from 'node:util';
import type { Kek as NumberedKek, Keks as NumberedKeks } from './keks.ts';
import { createPrivateFile, malformedKeyFile as malformed, readPrivateFile } from './private-file.ts';

export type Kek = NumberedKek;
export type Keks = NumberedKeks;

const KEK_BYTES = 32;
const MAX_FILE_BYTES = 64 * 1024;
const NUMBER = /^[1-9][0-9]{0,8}$/;

/**
 * Writes a new file with one random key, readable by its owner only. It appears whole or not at all.
 * @throws AppError OBJECT_EXISTS when there is a file; CONFIG_INVALID when it cannot be written.
 */
export async function createKekFile(path: string): Promise<void> {
  const key = randomBytes(KEK_BYTES);
  const content = Buffer.from(`${JSON.stringify({ current: 1, keys: { 1: key.toString('base64url') } })}\n`);
  try {
    await createPrivateFile(path, content);
  } finally {
    key.fill(0);
    content.fill(0);
  }
}

/**
 * Reads the keys of a file: `{"current": 2, "keys": {"1": "<base64url>", "2": "<base64url>"}}`.
 * @throws AppError CONFIG_INVALID when it cannot be read, is open to others, or is malformed.
 */
export async function loadKekFile(path: string): Promise<Keks> {
  const content = await readPrivateFile(path, MAX_FILE_BYTES);
  try {
    return parseKeks(content, path);
  } finally {
    // Best effort: the strings that JSON.parse made of it stay in memory until they are collected and overwritten.
    content.fill(0);
  }
}

function parseKeks(content: Buffer, path: string): Keks {
  const { current: number, keys } = parseJson(content, path);
  const ring = new Map<number, Kek>();
  for (const [name, text] of Object.entries(isRecord(keys) ? keys : {})) {
    if (!NUMBER.test(name)) throw malformed(path, 'a key has no number');
    ring.set(Number(name), { number: Number(name), key: parseKey(text, `key ${name}`, path) });
  }
  const current = typeof number === 'number' ? ring.get(number) : undefined;
  if (current === undefined) throw malformed(path, '"current" is not the number of one of its keys');
  const shown = `Keks { current: ${current.number}, numbers: ${[...ring.keys()].join(', ')} }`;
  return {
    current,
    get: (wanted) => ring.get(wanted),
    ...{ [inspect.custom]: () => shown, toJSON: () => shown },
  };
}

function parseJson(content: Buffer, path: string): Record<string, unknown> {
  let value: unknown;
  try {
    value = JSON.parse(content.toString());
  } catch {
    // Not kept as the cause: V8's message quotes the text around the mistake.
    throw malformed(path, 'it is not JSON');
  }
  if (!isRecord(value) || Object.keys(value).sort().join() !== 'current,keys')
    throw malformed(path, 'it has not exactly the fields "current" and "keys"');
  return value;
}

function parseKey(text: unknown, what: string, path: string): KeyObject {
  const bytes = Buffer.from(typeof text === 'string' ? text : '', 'base64url');
  try {
    if (bytes.length !== KEK_BYTES || bytes.toString('base64url') !== text)
      throw malformed(path, `${what} is not the base64url of ${KEK_BYTES} bytes`);
    return createSecretKey(bytes);
  } finally {
    bytes.fill(0);
  }
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
