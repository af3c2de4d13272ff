const [QUOTE, BACKSLASH, COMMA, BRACKET, BRACE] = Buffer.from('"\\,[{');

/**
 * Whether JSON has more than so many values: objects, arrays and what is in them. Parsed, each of them takes up to fifty
 * times its size, so that 64 MiB of `[],[],[]` would take gigabytes. Says nothing about what is no JSON.
 */
export function hasMoreValues(json: Uint8Array, limit: number): boolean {
  let values = 1;
  for (let at = 0; at < json.length && values <= limit; at += 1) {
    const byte = json[at];
    if (byte === QUOTE) at = endOfString(json, at);
    else if (byte === COMMA || byte === BRACKET || byte === BRACE) values += 1;
  }
  return values > limit;
}

function endOfString(json: Uint8Array, begin: number): number {
  let at = begin + 1;
  while (at < json.length && json[at] !== QUOTE) at += json[at] === BACKSLASH ? 2 : 1;
  return at;
}
