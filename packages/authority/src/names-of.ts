import type { X509Certificate } from 'node:crypto';
import { showGeneralName } from '@sealtrack/certificates/x509/general-names';
import { parseX509 } from '@sealtrack/certificates/x509/parse-x509';

/** What a certificate is for, for people, such as `DNS example.com`. */
export function namesOf({ raw }: X509Certificate): string[] {
  try {
    return (parseX509(raw).extensions.subjectAltNames ?? []).map(showGeneralName);
  } catch {
    // Another CA's, that breaks a rule: there is a place for that to be said.
    return [];
  }
}
