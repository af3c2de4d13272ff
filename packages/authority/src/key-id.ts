import { createHash } from 'node:crypto';
import type { Authority } from './open-authority.ts';

/** As its own certificate names its key: those that others made may do it in another way than ours. */
export function keyIdOf({ certificate }: Pick<Authority, 'certificate'>): Buffer {
  const { subjectKeyId } = certificate.extensions;
  if (subjectKeyId !== undefined) return Buffer.from(subjectKeyId, 'hex');
  return createHash('sha1').update(certificate.key.der).digest();
}
