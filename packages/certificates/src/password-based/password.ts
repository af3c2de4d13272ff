import { isUtf8, transcode } from 'node:buffer';

/** A password in the ways in which programs have turned it into bytes, the likeliest first. */
export interface Password {
  /** What PKCS#5 and OpenSSL's own encryption take: it as it was typed, in UTF-8. The caller's bytes themselves. */
  readonly narrow: readonly Buffer[];
  /**
   * What PKCS#12 takes: UTF-16 with a zero at its end (RFC 7292, B.1). Where that is ambiguous, the right way first: no
   * password is one zero, or nothing at all; and OpenSSL before 1.1 took each byte of UTF-8 for a character.
   */
  readonly wide: readonly Buffer[];
  /** Zeroes the wide forms. */
  readonly wipe: () => void;
}

export function passwordOf(given: Uint8Array = Buffer.alloc(0)): Password {
  const bytes = Buffer.from(given.buffer, given.byteOffset, given.byteLength);
  const wide = wideForms(bytes);
  return { narrow: [bytes], wide, wipe: () => wide.forEach((form) => void form.fill(0)) };
}

function wideForms(bytes: Buffer): Buffer[] {
  if (bytes.length === 0) return [Buffer.alloc(2), Buffer.alloc(0)];
  const isAscii = bytes.every((byte) => byte < 0x80);
  return isAscii || !isUtf8(bytes) ? [widened(bytes)] : [utf16(bytes), widened(bytes)];
}

function utf16(bytes: Buffer): Buffer {
  const text = transcode(bytes, 'utf8', 'utf16le').swap16();
  const terminated = Buffer.alloc(text.length + 2);
  text.copy(terminated);
  text.fill(0);
  return terminated;
}

function widened(bytes: Buffer): Buffer {
  const terminated = Buffer.alloc(2 * bytes.length + 2);
  bytes.forEach((byte, i) => {
    terminated[2 * i + 1] = byte;
  });
  return terminated;
}
