import type { OpenEntry } from './archive-entry.ts';
import type { ArchiveEntry, ArchiveName } from './archive-format.ts';

export interface ArchiveDamage {
  readonly kind: 'damage';
  /** In the file, from 1. */
  readonly line: number;
  /** Undefined where not even that can be told. */
  readonly name?: ArchiveName | undefined;
  readonly problem: string;
}

type Damages = Generator<ArchiveDamage, void, undefined>;

export interface ArchiveOrder {
  /** Takes down a line that is not a whole line of this backup. */
  unreadable(line: number): void;
  /** Whether it stands where it was written, or behind lines that are missing. */
  isNew(found: OpenEntry): boolean;
  /** What is lost between the one before it and this one, which is new. */
  missingBefore(found: OpenEntry): Damages;
  /** What is lost behind the last one. @param last the last line there is. */
  missingAtEnd(last: number): Damages;
}

/**
 * Says what is missing by what is there: every line that opens tells its own number and the place of the next certificate,
 * so damage stays where it is, whether lines were changed, dropped, doubled, swapped, merged, split or brought in.
 */
export function createArchiveOrder(): ArchiveOrder {
  const names = new Map<number, ArchiveName>();
  let line = 2;
  let place = 1;
  let hasEnded = false;
  let strays = 0;
  let firstStray = 0;

  function* lost(to: OpenEntry): Damages {
    const toPlace = to.entry.kind === 'names' ? place : to.entry.place;
    const missing = to.line - line;
    const problem = strays > 0 ? 'is damaged: its line does not open' : 'is missing: its line is not there';
    for (let at = 0; at < missing; at += 1) {
      const name = place + at < toPlace ? names.get(place + at) : undefined;
      yield { kind: 'damage', line: line + at, name, problem };
    }
    if (missing === 0 && strays > 0) yield { kind: 'damage', line: firstStray, problem: foreign(strays) };
    strays = 0;
  }

  return {
    unreadable(number) {
      if (strays === 0) firstStray = number;
      strays += 1;
    },
    isNew: (found) => found.line >= line,
    *missingBefore(found) {
      yield* lost(found);
      const { entry } = found;
      if (entry.kind === 'names')
        for (const [index, name] of entry.names.entries()) names.set(entry.place + index, name);
      else place = entry.kind === 'keyring' ? entry.place : entry.place + 1;
      line = found.line + 1;
      hasEnded = entry.kind === 'end';
    },
    *missingAtEnd(last) {
      if (hasEnded) {
        if (strays > 0) yield { kind: 'damage', line: firstStray, problem: foreign(strays) };
        return;
      }
      yield { kind: 'damage', line: last, problem: 'the backup ends too early: its last line is not there' };
      for (; names.has(place); place += 1, line += 1)
        yield {
          kind: 'damage',
          line,
          name: names.get(place),
          problem: 'is missing: the backup ends before it',
        };
    },
  };
}

const foreign = (count: number): string =>
  count === 1 ? 'a line that is not of this backup' : `${count} lines that are not of this backup`;

/** For a line of this backup whose place has passed. */
export const outOfPlace = (line: number, entry: ArchiveEntry): ArchiveDamage => ({
  kind: 'damage',
  line,
  name: entry.kind === 'certificate' ? entry.name : undefined,
  problem: 'stands behind its place, or is there twice',
});
