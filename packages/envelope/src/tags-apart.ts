import { randomUUID } from 'node:crypto';

const KEY = Buffer.from('"tags"');
const [SPACE, TAB, LF, CR, COLON, QUOTE = 0] = Buffer.from(' \t\n\r:"');

/** Characters. A shorter text costs no more than taking it apart does. */
const LONG = 16_384;
/** A multiple of four, and a string that V8 does not fetch fresh memory for. */
const SLICE = 32_768;

/** JSON without the long texts in it, with a name in the place of each. */
export interface TagsApart {
  readonly json: Uint8Array;
  /** What the texts said, in bytes, by those names. */
  readonly tags: Map<string, Buffer>;
}

/**
 * Takes out of a manifest what makes a long one long. As strings, the tags of 2 GiB would be put into fresh memory twice before they are
 * decoded, which takes ten times as long as to decode them where they lie. Any text in base64 under that name is taken out,
 * whatever it belongs to: who puts the JSON together again has to find a place for each.
 */
export function takeTagsApart(json: Uint8Array): TagsApart {
  const bytes = Buffer.from(json.buffer, json.byteOffset, json.byteLength);
  const tags = new Map<string, Buffer>();
  const rest: Buffer[] = [];
  let kept = 0;
  for (let key = bytes.indexOf(KEY); key !== -1; key = bytes.indexOf(KEY, key + 1)) {
    const begin = textAfter(bytes, key + KEY.length);
    if (begin === undefined) continue;
    const end = bytes.indexOf(QUOTE, begin);
    if (end - begin < LONG) continue;
    const decoded = decode(bytes.subarray(begin, end));
    if (decoded === undefined) continue;
    // Nobody can have written it elsewhere.
    const name = randomUUID();
    tags.set(name, decoded);
    rest.push(bytes.subarray(kept, begin), Buffer.from(name));
    kept = end;
  }
  return tags.size === 0 ? { json, tags } : { json: Buffer.concat([...rest, bytes.subarray(kept)]), tags };
}

/** Where the text of a member begins whose name ends at `at`. */
function textAfter(bytes: Buffer, at: number): number | undefined {
  const colon = afterSpace(bytes, at);
  const quote = afterSpace(bytes, colon + 1);
  return bytes[colon] === COLON && bytes[quote] === QUOTE ? quote + 1 : undefined;
}

function afterSpace(bytes: Buffer, at: number): number {
  let next = at;
  while ([SPACE, TAB, LF, CR].includes(bytes[next])) next += 1;
  return next;
}

/** Undefined for what is not base64 to the letter, which others may have a way with. */
function decode(text: Buffer): Buffer | undefined {
  const decoded = Buffer.allocUnsafeSlow(Math.ceil(text.length / 4) * 3);
  let size = 0;
  for (let at = 0; at < text.length; at += SLICE) {
    const slice = text.toString('latin1', at, at + SLICE);
    const more = decoded.write(slice, size, 'base64');
    if (decoded.toString('base64', size, size + more) !== slice) return undefined;
    size += more;
  }
  return decoded.subarray(0, size);
}
