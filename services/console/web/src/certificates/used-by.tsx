import { Fragment } from 'react';
import { Link } from 'react-router';
import type { CertificateDetails } from '../../../src/api/certificates.ts';
import { plural } from '../plural.ts';

interface UsedByProps {
  readonly tenant: string;
  readonly certificate: Pick<CertificateDetails, 'profiles' | 'profileIds' | 'isScreen'>;
}

/** The profiles that encrypt to a certificate, each a link. */
export function UsedBy({ tenant, certificate: { profiles, profileIds, isScreen } }: UsedByProps) {
  const of = `/t/${encodeURIComponent(tenant)}`;
  if (profiles === null) return <>Not known now: the service that keeps profiles did not answer.</>;
  const more = profiles - profileIds.length;
  return (
    <>
      {profiles === 0 && !isScreen ? 'No profile encrypts to it.' : null}
      {profileIds.map((id, i) => (
        <Fragment key={id}>
          {i === 0 ? null : ', '}
          <Link to={`${of}/profiles/${id}`}>{id}</Link>
        </Fragment>
      ))}
      {more > 0 ? ` and ${plural(more, 'other')}` : null}
      {isScreen ? (
        <>
          {profiles > 0 ? ', and ' : null}
          <Link to={`${of}/screen`}>screen recordings</Link>
        </>
      ) : null}
    </>
  );
}
