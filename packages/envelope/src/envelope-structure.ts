import {
  children,
  contextTag,
  DerError,
  type Element,
  expectTag,
  oid,
  readOnly,
  TAG,
} from '@sealtrack/certificates/der';
import { AUTH_ENVELOPED_DATA, ENVELOPED_DATA, type EnvelopeParts, ID_DATA } from './encode-envelope.ts';

const MAX_RECIPIENTS = 256;

/** A detached ContentInfo taken apart, every element as it was written. */
export interface EnvelopeStructure {
  readonly isAuthenticated: boolean;
  readonly recipientInfos: readonly Element[];
  readonly contentEncryption: Element;
  /** Of AuthEnvelopedData only. */
  readonly authAttributes: Element | undefined;
  readonly mac: Element | undefined;
  readonly parts: EnvelopeParts;
}

/** EnvelopedData (RFC 5652, 6.1) or AuthEnvelopedData (RFC 5083, 2.1), without its content. Throws DerError. */
export function readStructure(der: Buffer): EnvelopeStructure {
  const [type, explicit, ...others] = children(readOnly(der, TAG.sequence), 3);
  const contentInfoType = [ENVELOPED_DATA, AUTH_ENVELOPED_DATA].find((known) => type?.raw.equals(oid(known)));
  if (contentInfoType === undefined || others.length > 0) throw new DerError('is not EnvelopedData');
  const [data, ...more] = children(expectTag(explicit, contextTag(0, true)), 2);
  if (more.length > 0) throw new DerError('has more than one content');

  const fields = children(expectTag(data, TAG.sequence), 7);
  const take = (tag: number): Element | undefined => (fields[0]?.tag === tag ? fields.shift() : undefined);
  const isAuthenticated = contentInfoType === AUTH_ENVELOPED_DATA;
  const version = expectTag(fields.shift(), TAG.integer);
  const originator = take(contextTag(0, true));
  const recipients = expectTag(fields.shift(), TAG.set);
  const info = expectTag(fields.shift(), TAG.sequence);
  const after = fields.map(({ raw }) => raw);
  const authAttributes = isAuthenticated ? take(contextTag(1, true)) : undefined;
  const mac = isAuthenticated ? expectTag(fields.shift(), TAG.octetString) : undefined;
  take(contextTag(isAuthenticated ? 2 : 1, true));
  if (fields.length > 0) throw new DerError('has elements out of place');

  const [contentType, contentEncryption, content, ...rest] = children(info, 4);
  if (!contentType?.raw.equals(oid(ID_DATA)) || rest.length > 0)
    throw new DerError('does not hold plain data');
  const algorithm = expectTag(contentEncryption, TAG.sequence);
  if (content !== undefined) throw new DerError('holds its ciphertext, and is wanted without');
  const head = [version, originator, recipients].filter((part) => part !== undefined).map(({ raw }) => raw);
  return {
    isAuthenticated,
    recipientInfos: children(recipients, MAX_RECIPIENTS),
    contentEncryption: algorithm,
    authAttributes,
    mac,
    parts: {
      contentInfoType,
      head,
      contentType: contentType.raw,
      contentEncryption: algorithm.raw,
      tail: after,
    },
  };
}
