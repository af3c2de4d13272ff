import { readdir, readFile } from 'node:fs/promises';
import { join, relative } from 'node:path';

/** Something that must be nowhere, and every form of a part of it that gives it away. */
export interface Needle {
  readonly name: string;
  readonly forms: readonly Buffer[];
}

const WINDOW = 24;

/**
 * Pieces of a secret as bytes, in hexadecimal, and in base64 and base64url at each of the three alignments that a
 * longer text around it can give. Two pieces for each alignment: PEM breaks its lines, but never inside of both.
 */
export function needle(name: string, secret: Uint8Array): Needle {
  const bytes = Buffer.from(secret);
  const size = Math.min(WINDOW, bytes.length - 2);
  const starts = [0, 1, 2, WINDOW, WINDOW + 1, WINDOW + 2].filter((start) => start + size <= bytes.length);
  const pieces = starts.map((start) => bytes.subarray(start, start + size));
  const forms = pieces.flatMap((piece) => {
    const hex = piece.toString('hex');
    // Whole groups of three bytes only: the last characters of others depend on what follows.
    const whole = piece.subarray(0, piece.length - (piece.length % 3));
    const base64 = [whole.toString('base64'), whole.toString('base64url')];
    return [piece, ...[hex, hex.toUpperCase(), ...base64].map((text) => Buffer.from(text))];
  });
  return { name, forms };
}

/** A text as it is, and in the forms of `needle`. */
export const textNeedle = (name: string, text: string): Needle => {
  const { forms } = needle(name, Buffer.from(text));
  return { name, forms: [Buffer.from(text), ...forms] };
};

export interface Searched {
  /** "what in which file", once for each pair. */
  readonly found: readonly string[];
  readonly files: readonly string[];
}

/** Looks through every file under a folder, hidden ones included. */
export async function search(folder: string, needles: readonly Needle[]): Promise<Searched> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  const found: string[] = [];
  for (const file of files) {
    // A server may be replacing one of its files at this moment.
    const content = await readFile(file).catch(() => Buffer.alloc(0));
    for (const { name, forms } of needles)
      if (forms.some((form) => content.includes(form))) found.push(`${name} in ${relative(folder, file)}`);
  }
  return { found, files: files.map((file) => relative(folder, file)) };
}
