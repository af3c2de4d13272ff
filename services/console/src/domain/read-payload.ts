const FATAL = new TextDecoder('utf-8', { fatal: true });

/**
 * A body as pages show it: JSON where it is that, and otherwise text. What is longer than `most` bytes is cut there, and text then.
 * Bytes that are no text are base64.
 */
export function readPayload(body: Uint8Array, most: number): unknown {
  const isWhole = body.byteLength <= most;
  const text = isWhole ? textOf(body) : `${Buffer.from(body.subarray(0, most)).toString()}…`;
  if (text === undefined) return Buffer.from(body).toString('base64');
  if (!isWhole) return text;
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return text;
  }
}

function textOf(bytes: Uint8Array): string | undefined {
  try {
    return FATAL.decode(bytes);
  } catch {
    return undefined;
  }
}
