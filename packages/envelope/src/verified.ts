import { CONTENT_CIPHERS } from './content-ciphers.ts';
import { parseEnvelope } from './envelope.ts';

/** What proves that a plaintext is right. */
export type Verified = 'segment tags' | 'GCM tag' | 'padding' | 'keyless tags';

export function verifiedBy(envelope: Buffer, hasTags: boolean): Verified {
  if (hasTags) return 'segment tags';
  return CONTENT_CIPHERS[parseEnvelope(envelope).cipher].isAuthenticated ? 'GCM tag' : 'padding';
}

/** For people: padding proves next to nothing, and they must know. */
export const SENTENCES: Readonly<Record<Verified, string>> = {
  'segment tags': 'verified by its segment tags',
  'GCM tag': 'no segment tags: verified by the GCM tag',
  padding: 'no segment tags: verified only by padding',
  'keyless tags': 'stored in clear, so checked for damage only: anybody could have changed it',
};
