import {
  children,
  contextTag,
  expectTag,
  oid,
  readElement,
  readOnly,
  TAG,
} from '@sealtrack/certificates/der';

const SUBJECT_KEY_IDENTIFIER = oid('2.5.29.14');

/** The extension of a certificate that was parsed before (RFC 5280, 4.2.1.2); undefined where there is none. */
export function subjectKeyIdentifier(der: Buffer): Buffer | undefined {
  const [toBeSigned] = children(readOnly(der, TAG.sequence));
  const fields = children(expectTag(toBeSigned, TAG.sequence));
  const explicit = fields.find(({ tag }) => tag === contextTag(3, true));
  if (explicit === undefined) return undefined;
  const extensions = children(expectTag(children(explicit)[0], TAG.sequence));
  for (const extension of extensions) {
    const [type, ...rest] = children(extension);
    if (!type?.raw.equals(SUBJECT_KEY_IDENTIFIER)) continue;
    const value = expectTag(rest.at(-1), TAG.octetString).content;
    return expectTag(readElement(value), TAG.octetString).content;
  }
  return undefined;
}
