import type { KeyObject } from 'node:crypto';

/** 256 bits that open a root key. */
export interface UnsealKey {
  /** The first 16 hex digits of a digest of the key: it names the key and says nothing about it. */
  readonly id: string;
  readonly key: KeyObject;
}

/** @param text base64url of 32 bytes, with or without a line end. The caller zeroes it. @param where for the error. */
export function parseUnsealKey(_text: Buffer, _where: string): UnsealKey {
  throw new Error('not written yet');
}

/** Writes a new file with one random key, readable by its owner only. It appears whole or not at all. */
export async function createUnsealKeyFile(_path: string): Promise<void> {
  throw new Error('not written yet');
}

export async function readUnsealKeyFile(_path: string): Promise<UnsealKey> {
  throw new Error('not written yet');
}
