/** Deeper than anything that is said in a token here. */
const MAX_DEPTH = 16;

/** Strings, with whether a colon makes them a name, and the brackets between. No part of it can be read in two ways. */
const TOKENS = /"((?:[^"\\]|\\.)*)"(\s*:)?|[{}[\]]/gs;

/**
 * A JSON object in UTF-8; undefined for anything else, for one that is deeper than 16, and for one that says something
 * twice: which of them counts differs between those who read it (RFC 7515, 4), so that two could understand two things.
 */
export function parseJsonObject(bytes: Buffer): Record<string, unknown> | undefined {
  let value: unknown;
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined;
  return isUnambiguous(text) ? (value as Record<string, unknown>) : undefined;
}

/** Of text that is JSON. */
function isUnambiguous(text: string): boolean {
  const open: Set<string>[] = [];
  for (const [token, written, colon] of text.matchAll(TOKENS)) {
    if (token === '{' || token === '[') {
      if (open.push(new Set()) > MAX_DEPTH) return false;
    } else if (token === '}' || token === ']') open.pop();
    else if (colon !== undefined) {
      const name: unknown = JSON.parse(`"${written}"`);
      const names = open.at(-1);
      // A name that would reach the prototype of what it is copied to says something else to each who copies it.
      if (typeof name !== 'string' || name === '__proto__' || names?.has(name)) return false;
      names?.add(name);
    }
  }
  return true;
}
