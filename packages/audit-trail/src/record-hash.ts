import { hash } from 'node:crypto';
import type { AuditRecord } from './record.ts';

const LABEL = 'sealtrack audit record 1';
/** Of the broker and its copies, and not of the record. */
const OF_THE_BROKER = 'nats-';

/**
 * SHA-256, lower-case hex, over the label, the subject, the number of headers, name (in lower case) and value of each, sorted by name, and
 * the body: each in UTF-8 behind its length as 32 bits, big-endian. Headers of the broker (`Nats-…`) do not count.
 * @param headers by lower-case name.
 */
export function recordHash(
  { subject, body }: Pick<AuditRecord, 'subject' | 'body'>,
  headers: ReadonlyMap<string, string>,
): string {
  const counted = [...headers].filter(([name]) => !name.startsWith(OF_THE_BROKER));
  counted.sort(([one], [other]) => (one < other ? -1 : 1));
  const texts = [LABEL, subject, String(counted.length), ...counted.flat()];
  let size = 4 + body.byteLength;
  for (const text of texts) size += 4 + Buffer.byteLength(text);
  const all = Buffer.allocUnsafe(size);
  let at = 0;
  for (const text of texts) {
    const length = all.write(text, at + 4);
    all.writeUInt32BE(length, at);
    at += 4 + length;
  }
  all.writeUInt32BE(body.byteLength, at);
  all.set(body, at + 4);
  return hash('sha256', all, 'hex');
}
