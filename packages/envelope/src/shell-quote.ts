/**
 * One word of a command line that people copy into a shell. A name that looks like an option is made a path, and what would steer a
 * terminal is replaced.
 */
export function shellQuote(word: string): string {
  const safe = (word.startsWith('-') ? `./${word}` : word).replace(/\p{Cc}|\p{Cf}/gu, '\u{fffd}');
  return /^[\w/.,:=@%+-]+$/.test(safe) ? safe : `'${safe.replaceAll("'", "'\\''")}'`;
}
