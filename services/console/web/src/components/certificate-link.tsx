import { useQuery } from '@tanstack/react-query';
import { Link } from 'react-router';
import { certificatePath, shortId } from '../certificates/paths.ts';
import { certificateQuery } from '../certificates/queries.ts';
import { useMay } from '../session.ts';

interface CertificateLinkProps {
  readonly tenant: string;
  readonly certificateId: string;
}

/** A certificate by its alias, where it can be had, and else by its id. */
export function CertificateLink({ tenant, certificateId }: CertificateLinkProps) {
  const isAllowed = useMay()('certificate.read');
  const { data } = useQuery({
    ...certificateQuery(tenant, certificateId),
    enabled: isAllowed,
    staleTime: 60_000,
  });
  const name = data === undefined ? <code>{shortId(certificateId)}…</code> : data.alias;
  if (!isAllowed) return <span title={certificateId}>{name}</span>;
  return (
    <Link to={certificatePath(tenant, certificateId)} title={certificateId}>
      {name}
    </Link>
  );
}
