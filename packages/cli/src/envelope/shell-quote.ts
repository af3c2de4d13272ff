import { printable } from '../output.ts';

/** One word of a command line that people copy into a shell. A name that looks like an option is made a path. */
export function shellQuote(word: string): string {
  const safe = printable(word.startsWith('-') ? `./${word}` : word);
  return /^[\w/.,:=@%+-]+$/.test(safe) ? safe : `'${safe.replaceAll("'", "'\\''")}'`;
}
