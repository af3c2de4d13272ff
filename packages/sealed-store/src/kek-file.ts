import { createSecretKey, type KeyObject, randomBytes } from 'node:crypto';
import { type FileHandle, link, open, unlink } from 'node:fs/promises';
import { dirname } from 'node:path';
import { inspect } from 'node:util';
import { AppError } from '@sealtrack/errors/app-error';
import type { Kek as NumberedKek, Keks as NumberedKeks } from './keks.ts';

export type Kek = NumberedKek;
export type Keks = NumberedKeks;

const KEK_BYTES = 32;
const MAX_FILE_BYTES = 64 * 1024;
const NUMBER = /^[1-9][0-9]{0,8}$/;
const READ_BY_OTHERS = 0o077;

/**
 * Writes a new file with one random key, readable by its owner only. It appears whole or not at all.
 * @throws AppError OBJECT_EXISTS when there is a file; CONFIG_INVALID when it cannot be written.
 */
export async function createKekFile(path: string): Promise<void> {
  const temporary = `${path}.${randomBytes(8).toString('hex')}.tmp`;
  const key = randomBytes(KEK_BYTES);
  const content = Buffer.from(`${JSON.stringify({ current: 1, keys: { 1: key.toString('base64url') } })}\n`);
  try {
    await writeDurably(temporary, content);
    await link(temporary, path);
    await syncFolder(dirname(path));
  } catch (cause) {
    throw cannotCreate(path, cause);
  } finally {
    key.fill(0);
    content.fill(0);
    await unlink(temporary).catch(() => undefined);
  }
}

/**
 * Reads the keys of a file: `{"current": 2, "keys": {"1": "<base64url>", "2": "<base64url>"}}`.
 * @throws AppError CONFIG_INVALID when it cannot be read, is open to others, or is malformed.
 */
export async function loadKekFile(path: string): Promise<Keks> {
  const content = await readPrivately(path);
  try {
    return parseKeks(content, path);
  } finally {
    // Best effort: the strings that JSON.parse made of it stay in memory until they are collected and overwritten.
    content.fill(0);
  }
}

async function readPrivately(path: string): Promise<Buffer> {
  let handle: FileHandle;
  try {
    handle = await open(path, 'r');
  } catch (cause) {
    throw new AppError('CONFIG_INVALID', `The key file ${path} cannot be read`, {
      fix: 'Give the path of the key file, readable by the user of this service. Restore it from its backup if it is gone: without it no private key opens.',
      cause,
    });
  }
  try {
    // Of the open file, so that it cannot be exchanged between the question and the reading.
    const stats = await handle.stat();
    if (!stats.isFile() || stats.size > MAX_FILE_BYTES) throw malformed(path, 'it is no file of keys');
    if ((stats.mode & READ_BY_OTHERS) !== 0)
      throw new AppError('CONFIG_INVALID', `The key file ${path} is open to other users`, {
        fix: `Run: chmod 600 ${path}   Then consider whether somebody may have read it.`,
      });
    return await handle.readFile();
  } finally {
    await handle.close();
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

const malformed = (path: string, what: string) =>
  new AppError('CONFIG_INVALID', `The key file ${path} is malformed: ${what}`, {
    fix: 'Restore the file from its backup. Do not make a new one while secrets are sealed under the old: they would never open again.',
  });

function cannotCreate(path: string, cause: unknown): AppError {
  if (cause instanceof Error && 'code' in cause && cause.code === 'EEXIST')
    return new AppError('OBJECT_EXISTS', `There is already a key file ${path}`, {
      fix: 'Use the one that is there: replacing it would make every secret sealed under it unreadable.',
    });
  return new AppError('CONFIG_INVALID', `The key file ${path} cannot be written`, {
    fix: 'Give a path in an existing folder that the user of this service may write to.',
    cause,
  });
}

async function writeDurably(path: string, content: Buffer): Promise<void> {
  const handle = await open(path, 'wx', 0o600);
  try {
    await handle.writeFile(content);
    await handle.sync();
  } finally {
    await handle.close();
  }
}

async function syncFolder(path: string): Promise<void> {
  const handle = await open(path, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
