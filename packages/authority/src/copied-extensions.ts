import { children, contextTag, expectTag, readOnly, TAG } from '@sealtrack/certificates/der';
import { extension } from '@sealtrack/certificates/issue/extensions';
import { parseRawExtensions } from '@sealtrack/certificates/x509/extensions';

const KEY_USAGE = '2.5.29.15';
const EXTENDED_KEY_USAGE = '2.5.29.37';

/** What a certificate is for, in DER as it has it, for the one that follows it. Throws DerError. */
export function usageExtensions(der: Buffer): Buffer[] {
  const [body] = children(readOnly(der, TAG.sequence), 3);
  const wrapped = children(expectTag(body, TAG.sequence), 10).find(({ tag }) => tag === contextTag(3, true));
  if (wrapped === undefined) return [];
  return parseRawExtensions(readOnly(wrapped.content, TAG.sequence))
    .filter(({ oid }) => oid === KEY_USAGE || oid === EXTENDED_KEY_USAGE)
    .map(({ oid, value, critical }) => extension(oid, value, { critical }));
}
