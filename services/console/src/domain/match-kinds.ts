/** Kinds are few; who sends events of thousands of them does not fill the memory with what became of each. */
const REMEMBERED = 200;

/**
 * Whether an event's kind is one of those that a filter names: "recording.*", or several with commas between them. An asterisk stands for
 * any characters, and an empty filter for every kind.
 */
export function createKindMatcher(filter: string): (kind: string) => boolean {
  const globs = filter
    .split(',')
    .map((glob) => glob.trim())
    .filter((glob) => glob !== '');
  if (globs.length === 0) return () => true;
  const parts = globs.map((glob) => glob.split('*'));
  const known = new Map<string, boolean>();
  return (kind) => {
    const remembered = known.get(kind);
    if (remembered !== undefined) return remembered;
    const matches = parts.some((each) => fits(kind, each));
    if (known.size < REMEMBERED) known.set(kind, matches);
    return matches;
  };
}

/** In one pass, whatever the filter is: no regular expression is made of what somebody typed. */
function fits(kind: string, parts: readonly string[]): boolean {
  const [first = '', ...rest] = parts;
  const last = rest.pop();
  if (last === undefined) return kind === first;
  if (!kind.startsWith(first)) return false;
  let at = first.length;
  for (const part of rest) {
    const found = kind.indexOf(part, at);
    if (found < 0) return false;
    at = found + part.length;
  }
  return kind.length - last.length >= at && kind.endsWith(last);
}
