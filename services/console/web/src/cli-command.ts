/** A word as a POSIX shell takes it: as it is where it may be, and in quotes otherwise. */
export const shellWord = (word: string): string =>
  /^[\w@%+=:,./-]+$/.test(word) && word !== '' ? word : `'${word.replaceAll("'", `'\\''`)}'`;

const DEFAULT_TENANT = 'demo';

/**
 * The command that does the same, to be copied into a shell. Words are quoted; one that its reader has to replace is written in capitals
 * and needs no quotes.
 */
export function cliCommand(words: readonly string[], tenant?: string): string {
  const forTenant = tenant === undefined || tenant === DEFAULT_TENANT ? [] : ['--tenant', tenant];
  return ['npx sealtrack', ...[...words, ...forTenant].map(shellWord)].join(' ');
}
