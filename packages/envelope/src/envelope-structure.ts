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
import { ID_DATA } from './encode-envelope.ts';
import type { Suite } from './suites/suite.ts';
import { SUITES } from './suites/suites.ts';

const MAX_RECIPIENTS = 256;

/** ContentInfo and EnvelopedData taken apart, every part as it was written. */
export interface EnvelopeStructure {
  readonly suite: Suite;
  /** Everything before EncryptedContentInfo: version, originator, recipients. */
  readonly head: readonly Element[];
  readonly recipientInfos: readonly Element[];
  readonly contentType: Element;
  readonly contentEncryption: Element;
  /** Absent in a detached envelope. */
  readonly encryptedContent: Element | undefined;
  /** Everything after EncryptedContentInfo: unprotected attributes. */
  readonly tail: readonly Element[];
}

/** Throws DerError. */
export function readStructure(der: Buffer): EnvelopeStructure {
  const [type, explicit, ...others] = children(readOnly(der, TAG.sequence), 3);
  const suite = Object.values(SUITES).find(({ contentInfoType }) => type?.raw.equals(oid(contentInfoType)));
  if (suite === undefined || others.length > 0) throw new DerError('is not EnvelopedData');
  const [data, ...more] = children(expectTag(explicit, contextTag(0, true)), 2);
  if (more.length > 0) throw new DerError('has more than one content');
  return { suite, ...readEnvelopedData(expectTag(data, TAG.sequence)) };
}

/** EnvelopedData (RFC 5652, 6.1). */
function readEnvelopedData(data: Element): Omit<EnvelopeStructure, 'suite'> {
  const fields = children(data, 5);
  expectTag(fields[0], TAG.integer);
  const at = fields.findIndex(({ tag }) => tag === TAG.set);
  const recipientInfos = children(expectTag(fields[at], TAG.set), MAX_RECIPIENTS);
  const info = expectTag(fields[at + 1], TAG.sequence);

  const [contentType, contentEncryption, encryptedContent, ...others] = children(info, 4);
  const isContent = encryptedContent === undefined || (encryptedContent.tag & ~0x20) === contextTag(0);
  if (!contentType?.raw.equals(oid(ID_DATA)) || !isContent || others.length > 0) {
    throw new DerError('does not hold plain data');
  }
  return {
    head: fields.slice(0, at + 1),
    recipientInfos,
    contentType,
    contentEncryption: expectTag(contentEncryption, TAG.sequence),
    encryptedContent,
    tail: fields.slice(at + 2),
  };
}
