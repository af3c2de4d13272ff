import type { KeyObject } from 'node:crypto';
import { ALG, decryptJwe, ENC, encryptJwe } from '@sealtrack/jose/jwe';
import { type ArchiveEntry, isObject, MAX_LINE_BYTES } from './archive-format.ts';
import { type JweShape, readJweHeader, sealBroken } from './jwe-format.ts';

export interface OpenEntry {
  /** In the file, from 1; the header is the first. */
  readonly line: number;
  readonly entry: ArchiveEntry;
}

export interface EntryCipher {
  /** @throws RangeError for what is too large for a line. */
  seal(open: OpenEntry): Promise<string>;
  /** Undefined for whatever is not a whole line of this backup: why is nobody's business. */
  open(text: string): Promise<OpenEntry | undefined>;
}

const KINDS: readonly unknown[] = ['names', 'keyring', 'certificate', 'gone', 'end'];
const LINE = /^[1-9][0-9]{0,8}$/;

/** Which backup a line is of, its number and its kind are authenticated, so that no line is taken for another. */
const SHAPE: JweShape = {
  typ: 'sealtrack-key-backup',
  fields: ['kind', 'line'],
  maxLength: MAX_LINE_BYTES,
  isSize: (bytes) => bytes > 0,
  malformed: () => sealBroken('A line of a backup is malformed', 'Take another copy of the backup.'),
};

/** Each line is a JWE as all sealed things are, under a key of this one backup. */
export const createEntryCipher = (archiveId: string, key: KeyObject): EntryCipher => ({
  async seal({ line, entry }) {
    const { kind, ...content } = entry;
    const fields = { typ: SHAPE.typ, alg: ALG, enc: ENC, kid: archiveId, kind, line: String(line) };
    const text = await encryptJwe(Buffer.from(JSON.stringify(content)), key, fields);
    if (text.length > MAX_LINE_BYTES) throw new RangeError(`line ${line} is too long: ${text.length}`);
    return text;
  },
  async open(text) {
    try {
      const { kid = '', kind, line = '' } = readJweHeader(text, SHAPE);
      if (kid !== archiveId || !KINDS.includes(kind) || !LINE.test(line)) return undefined;
      const content: unknown = JSON.parse((await decryptJwe(text, key, kid)).toString());
      if (!isObject(content)) return undefined;
      return { line: Number(line), entry: { ...content, kind } as ArchiveEntry };
    } catch {
      return undefined;
    }
  },
});
