import { distinguishedName } from '@sealtrack/certificates/distinguished-name';
import type { Crl } from '@sealtrack/certificates/x509/crl';
import type { X509 } from '@sealtrack/certificates/x509/parse-x509';
import { isSignedBy } from '@sealtrack/certificates/x509/signature';

/**
 * Refuses revocation lists that would do harm in the place of those that are in use: forged, from the future, or older.
 * One whose CA is not known here is taken: certificates of that CA come with it, and are checked against its key then.
 */
export function checkCrls(
  crls: readonly Crl[],
  cas: readonly X509[],
  now: number,
  inUse: readonly Crl[] = [],
): void {
  for (const crl of crls) {
    const issuer = distinguishedName(crl.issuer.der);
    const known = cas.filter(({ subject }) => subject.key === crl.issuer.key);
    if (known.length > 0 && !known.some(({ key }) => isSignedBy(crl.signed, key)))
      throw new Error(`has a revocation list of ${issuer} that this CA has not signed`);
    if (crl.thisUpdate > now)
      throw new Error(
        `has a revocation list of ${issuer} that is from the future: ${new Date(crl.thisUpdate).toISOString()}`,
      );
    // A CA may have several, for different kinds of certificates: none may be older than all that are there.
    const newest = (all: readonly Crl[]) =>
      Math.max(
        ...all.filter((each) => each.issuer.key === crl.issuer.key).map(({ thisUpdate }) => thisUpdate),
      );
    if (newest(crls) < newest(inUse))
      throw new Error(
        `has a revocation list of ${issuer} that is older than the one in use: of ${new Date(newest(crls)).toISOString()}, and not of ${new Date(newest(inUse)).toISOString()}`,
      );
  }
}
