import { constants, type KeyObject, publicEncrypt } from 'node:crypto';
import {
  children,
  contextTag,
  DerError,
  type Element,
  element,
  expectTag,
  nothing,
  octetString,
  oid,
  sequence,
  TAG,
} from '@sealtrack/certificates/der';
import { decryptOrEmpty } from './rsa-decrypt.mjs';

const HASHES = {
  sha1: '1.3.14.3.2.26',
  sha224: '2.16.840.1.101.3.4.2.4',
  sha256: '2.16.840.1.101.3.4.2.1',
  sha384: '2.16.840.1.101.3.4.2.2',
  sha512: '2.16.840.1.101.3.4.2.3',
} as const;

export type OaepHash = keyof typeof HASHES;

/** How a session key is encrypted to an RSA key (RFC 8017, 7). MGF1 of OAEP has the same hash, or it is not read. */
export type KeyTransport =
  | { readonly name: 'RSAES-PKCS1-v1_5' }
  | { readonly name: 'RSAES-OAEP'; readonly hash: OaepHash; readonly label: Buffer };

export const PKCS1_V1_5: KeyTransport = { name: 'RSAES-PKCS1-v1_5' };
export const OAEP_SHA256: KeyTransport = { name: 'RSAES-OAEP', hash: 'sha256', label: Buffer.alloc(0) };

const RSA_ENCRYPTION = oid('1.2.840.113549.1.1.1');
const RSAES_OAEP = oid('1.2.840.113549.1.1.7');
const MGF1 = oid('1.2.840.113549.1.1.8');
const P_SPECIFIED = oid('1.2.840.113549.1.1.9');

/** AlgorithmIdentifier in DER (RFC 3370 4.2.1, RFC 4055 4.1). */
export function encodeKeyTransport(transport: KeyTransport): Buffer {
  if (transport.name === 'RSAES-PKCS1-v1_5') return sequence(RSA_ENCRYPTION, nothing());
  const hash = sequence(oid(HASHES[transport.hash]), nothing());
  // DER leaves out what has its default value, which is SHA-1.
  const isDefault = transport.hash === 'sha1';
  return sequence(
    RSAES_OAEP,
    sequence(
      ...(isDefault ? [] : [explicit(0, hash), explicit(1, sequence(MGF1, hash))]),
      ...(transport.label.length === 0
        ? []
        : [explicit(2, sequence(P_SPECIFIED, octetString(transport.label)))]),
    ),
  );
}

const explicit = (n: number, content: Buffer): Buffer => element(contextTag(n, true), content);

/** Undefined for one that is not known here. Throws DerError when it is malformed. */
export function parseKeyTransport(algorithm: Element): KeyTransport | undefined {
  const [type, parameters, ...others] = children(expectTag(algorithm, TAG.sequence), 3);
  if (others.length > 0) throw new DerError('has a malformed key encryption algorithm');
  // Some senders leave the NULL parameters of rsaEncryption out (RFC 4055, 1.2 wants them accepted).
  if (type?.raw.equals(RSA_ENCRYPTION)) return isNothing(parameters) ? PKCS1_V1_5 : undefined;
  if (type?.raw.equals(RSAES_OAEP)) return parseOaep(parameters);
  return undefined;
}

function parseOaep(parameters: Element | undefined): KeyTransport | undefined {
  const fields = parameters === undefined ? [] : children(expectTag(parameters, TAG.sequence), 3);
  const found = new Map(fields.map((field) => [field.tag, only(field)]));
  const ordered = fields.every(({ tag }, i) => i === 0 || tag > (fields[i - 1]?.tag ?? 0));
  const known = [0, 1, 2].map((n) => contextTag(n, true));
  if (!ordered || fields.some(({ tag }) => !known.includes(tag))) return undefined;

  const [hash, mgf, source] = known.map((tag) => found.get(tag));
  const name = hashName(hash);
  if (name === undefined || mgfHash(mgf) !== name) return undefined;
  const label = source === undefined ? Buffer.alloc(0) : specifiedLabel(source);
  return label === undefined ? undefined : { name: 'RSAES-OAEP', hash: name, label };
}

function only(parent: Element): Element {
  const [found, ...others] = children(parent, 2);
  if (others.length > 0) throw new DerError('has more than one value where one belongs');
  return expectTag(found, TAG.sequence);
}

const isNothing = (parameters: Element | undefined): boolean =>
  parameters === undefined || (parameters.tag === TAG.null && parameters.content.length === 0);

/** Of an AlgorithmIdentifier; absent, it is SHA-1. */
function hashName(algorithm: Element | undefined): OaepHash | undefined {
  if (algorithm === undefined) return 'sha1';
  const [type, parameters, ...others] = children(algorithm, 3);
  if (!isNothing(parameters) || others.length > 0) return undefined;
  return (Object.keys(HASHES) as OaepHash[]).find((name) => type?.raw.equals(oid(HASHES[name])));
}

function mgfHash(algorithm: Element | undefined): OaepHash | undefined {
  if (algorithm === undefined) return 'sha1';
  const [type, hash, ...others] = children(algorithm, 3);
  if (!type?.raw.equals(MGF1) || others.length > 0) return undefined;
  return hashName(hash === undefined ? undefined : expectTag(hash, TAG.sequence));
}

function specifiedLabel(source: Element): Buffer | undefined {
  const [type, value, ...others] = children(source, 3);
  if (!type?.raw.equals(P_SPECIFIED) || others.length > 0) return undefined;
  return value === undefined ? Buffer.alloc(0) : expectTag(value, TAG.octetString).content;
}

export const encryptKey = (transport: KeyTransport, publicKey: KeyObject, dek: Uint8Array): Buffer =>
  publicEncrypt({ key: publicKey, ...paddingOf(transport) }, dek);

/**
 * One RSA operation on this thread (1 ms at 2048 bits, 50 ms at 8192): see decrypt-key.ts and key-decryption-pool.ts,
 * which is what to use. An empty Buffer when it does not decrypt; PKCS#1 v1.5 gives random bytes instead, on a runtime
 * with implicit rejection.
 */
export const decryptKeySync = (
  transport: KeyTransport,
  privateKey: KeyObject,
  encryptedKey: Uint8Array,
): Buffer => decryptOrEmpty({ key: privateKey, ...paddingOf(transport) }, encryptedKey);

/** What node:crypto calls it. */
export function paddingOf(transport: KeyTransport) {
  if (transport.name === 'RSAES-PKCS1-v1_5') return { padding: constants.RSA_PKCS1_PADDING };
  const oaep = { padding: constants.RSA_PKCS1_OAEP_PADDING, oaepHash: transport.hash };
  return transport.label.length === 0 ? oaep : { ...oaep, oaepLabel: transport.label };
}
