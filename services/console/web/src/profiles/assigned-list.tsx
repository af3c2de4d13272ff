import { Link } from 'react-router';
import type { CertificateRow } from '../../../src/api/certificates.ts';
import type { AssignedCertificate } from '../../../src/api/profiles.ts';
import { certificatePath, shortId } from '../certificates/paths.ts';
import { Badge } from '../components/badge.tsx';
import { DaysLeft } from '../components/days-left.tsx';
import { Icon } from '../components/icon.tsx';
import { Time } from '../components/time.tsx';

interface AssignedListProps {
  readonly tenant: string;
  readonly ids: readonly string[];
  readonly assigned: readonly AssignedCertificate[];
  readonly certificates: readonly CertificateRow[] | undefined;
  readonly onRemove: ((certificateId: string) => void) | undefined;
}

/** Certificates that are, or will be, encrypted to; what of it is not saved yet says so. */
export function AssignedList({ tenant, ids, assigned, certificates, onRemove }: AssignedListProps) {
  const gone = assigned.filter(({ certificateId }) => !ids.includes(certificateId));
  if (ids.length + gone.length === 0) return <p className="muted">No certificate.</p>;
  const nameOf = (id: string) =>
    assigned.find(({ certificateId }) => certificateId === id)?.alias ??
    certificates?.find(({ certificateId }) => certificateId === id)?.alias ??
    shortId(id);
  return (
    <ul className="assigned">
      {ids.map((id) => {
        const one = assigned.find(({ certificateId }) => certificateId === id);
        const known = one ?? certificates?.find(({ certificateId }) => certificateId === id);
        return (
          <li key={id}>
            <Link to={certificatePath(tenant, id)}>{nameOf(id)}</Link>
            <span className="badges">
              {one === undefined ? <Badge tone="info">to be added</Badge> : null}
              {one?.isRevoked ? <Badge tone="bad">revoked</Badge> : null}
              {known === undefined ? null : <DaysLeft notAfter={known.notAfter} />}
            </span>
            {onRemove === undefined ? null : (
              <button
                type="button"
                className="icon-button"
                aria-label={`Remove ${nameOf(id)}`}
                onClick={() => onRemove(id)}
              >
                <Icon name="close" />
              </button>
            )}
            {one?.replaces ? (
              <span className="muted small whole-line">
                takes over from {nameOf(one.replaces)} <Time at={one.useFrom} />
              </span>
            ) : null}
          </li>
        );
      })}
      {gone.map(({ certificateId, alias }) => (
        <li key={certificateId}>
          <s className="muted">{alias}</s> <Badge tone="warning">to be removed</Badge>
        </li>
      ))}
    </ul>
  );
}
