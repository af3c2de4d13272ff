/** What the records of a handshake say to whoever has no keys: RFC 5246 (TLS 1.2 and older) and RFC 8446 (1.3). */

const RECORD_HEADER = 5;
const RECORD = { changeCipherSpec: 20, alert: 21, handshake: 22, applicationData: 23 } as const;
const MESSAGE = { serverHello: 2, certificate: 11, certificateRequest: 13, serverHelloDone: 14 } as const;

const VERSIONS: Readonly<Record<number, string>> = { 0: 'SSLv3', 1: 'TLSv1', 2: 'TLSv1.1', 3: 'TLSv1.2' };

/** Whether bytes begin as TLS does: a known kind of record, and version 3.x. True for nothing at all. */
export function looksLikeTls(bytes: Buffer): boolean {
  const [type, major] = bytes;
  return (
    type === undefined ||
    (type >= RECORD.changeCipherSpec && type <= RECORD.applicationData && (major ?? 3) === 3)
  );
}

export interface ServerFlight {
  /** Undefined for TLS 1.3, which calls itself 1.2 there, and when nothing was said. */
  readonly protocol: string | undefined;
  /** DER in the order they were sent; of TLS 1.2 and older only. */
  readonly certificates: readonly Buffer[];
  /** Undefined before everything was said in which it could have been asked for, and for TLS 1.3. */
  readonly asksForCertificate: boolean | undefined;
}

/** What a server of TLS 1.2 or older sends in clear. Never throws: what is cut short or malformed is left out. */
export function readServerFlight(received: Buffer): ServerFlight {
  const messages = [...messagesOf(received)];
  const certificates = messages.flatMap(({ type, body }) =>
    type === MESSAGE.certificate ? listOf(body) : [],
  );
  const asks = messages.some(({ type }) => type === MESSAGE.certificateRequest);
  const hello = messages.find(({ type }) => type === MESSAGE.serverHello);
  const isWhole = messages.some(({ type }) => type === MESSAGE.serverHelloDone);
  // Only what is older than 1.3 sends certificates in clear.
  const protocol = certificates.length === 0 ? undefined : VERSIONS[hello?.body[1] ?? 0];
  return { protocol, certificates, asksForCertificate: asks || (isWhole ? false : undefined) };
}

/** The bytes inside all encrypted records of TLS 1.3, without the kind and the tag that each ends with. */
export function encryptedBytes(sent: Buffer): number {
  const OVERHEAD = 17;
  let total = 0;
  for (const { type, body } of recordsOf(sent)) {
    if (type === RECORD.applicationData) total += Math.max(0, body.length - OVERHEAD);
  }
  return total;
}

/** A Finished message (RFC 8446, 4.4.4): as long as the hash of the cipher suite. */
export const finishedSize = (cipherSuite: string): number => 4 + (cipherSuite.endsWith('SHA384') ? 48 : 32);

interface Piece {
  readonly type: number;
  readonly body: Buffer;
}

function* recordsOf(bytes: Buffer): Generator<Piece> {
  for (let at = 0; at + RECORD_HEADER <= bytes.length; ) {
    const size = bytes.readUInt16BE(at + 3);
    const body = bytes.subarray(at + RECORD_HEADER, at + RECORD_HEADER + size);
    if (body.length < size) return;
    yield { type: bytes[at] ?? 0, body };
    at += RECORD_HEADER + size;
  }
}

/** Handshake messages in clear; they may lie across records. */
function* messagesOf(bytes: Buffer): Generator<Piece> {
  const clear: Buffer[] = [];
  for (const { type, body } of recordsOf(bytes)) {
    if (type !== RECORD.handshake) break;
    clear.push(body);
  }
  const all = Buffer.concat(clear);
  for (let at = 0; at + 4 <= all.length; ) {
    const size = all.readUIntBE(at + 1, 3);
    const body = all.subarray(at + 4, at + 4 + size);
    if (body.length < size) return;
    yield { type: all[at] ?? 0, body };
    at += 4 + size;
  }
}

/** Certificates behind a length of three bytes each, and one for all. */
function listOf(body: Buffer): Buffer[] {
  const found: Buffer[] = [];
  for (let at = 3; at + 3 <= body.length; ) {
    const size = body.readUIntBE(at, 3);
    const der = body.subarray(at + 3, at + 3 + size);
    if (der.length < size) break;
    found.push(der);
    at += 3 + size;
  }
  return found;
}
