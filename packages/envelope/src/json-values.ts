const [QUOTE = 0, BACKSLASH, COMMA, BRACKET, BRACE] = Buffer.from('"\\,[{');

/** Longer strings are searched by memchr(3), which has to be called and is then a hundred times as fast: tags have 85 KB a GiB. */
const SHORT = 32;

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
  for (let at = begin + 1; at < json.length; ) {
    const soon = Math.min(at + SHORT, json.length);
    while (at < soon && json[at] !== QUOTE) at += json[at] === BACKSLASH ? 2 : 1;
    if (at < soon) return at;
    const quote = json.indexOf(QUOTE, at);
    if (quote === -1) break;
    // What comes before `at` was passed over in pairs, so the backslashes before the quote are counted from there.
    let first = quote;
    while (first > at && json[first - 1] === BACKSLASH) first -= 1;
    if ((quote - first) % 2 === 0) return quote;
    at = quote + 1;
  }
  return json.length;
}
