import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { Link, useParams } from 'react-router';
import { CertificateFacts } from '../certificates/certificate-facts.tsx';
import { DeleteDialog } from '../certificates/delete-dialog.tsx';
import { DeletionCard } from '../certificates/deletion-card.tsx';
import { recordingsOfPath, shortId } from '../certificates/paths.ts';
import { PemCard } from '../certificates/pem-card.tsx';
import { certificateQuery } from '../certificates/queries.ts';
import { UsedBy } from '../certificates/used-by.tsx';
import { CliEquivalent } from '../components/cli-equivalent.tsx';
import { PageHead } from '../components/page-head.tsx';
import { ProblemNotice } from '../components/problem-notice.tsx';
import { SkeletonCards } from '../components/skeleton-cards.tsx';
import { plural } from '../plural.ts';
import { useMay, useTenant } from '../session.ts';

/** Everything about a Recording Certificate. */
export function CertificatePage() {
  const tenant = useTenant();
  const { id = '' } = useParams();
  const may = useMay();
  const [isDeleting, setDeleting] = useState(false);
  const { data: certificate, error, refetch } = useQuery(certificateQuery(tenant, id));
  if (certificate === undefined)
    return (
      <>
        <PageHead title="Recording Certificate" />
        {error === null ? <SkeletonCards /> : <ProblemNotice error={error} retry={() => void refetch()} />}
      </>
    );
  const { alias, deletion, recordings, subjectName } = certificate;
  const mayDelete = may('certificate.delete');
  return (
    <>
      <Link to=".." relative="path" className="back">
        Recording Certificates
      </Link>
      <PageHead title={alias} about={subjectName === alias ? undefined : subjectName}>
        {mayDelete && deletion === null ? (
          <button type="button" className="button danger" onClick={() => setDeleting(true)}>
            Delete…
          </button>
        ) : null}
      </PageHead>
      <ProblemNotice error={error} retry={() => void refetch()} />
      {deletion === null ? null : (
        <DeletionCard tenant={tenant} certificate={certificate} deletion={deletion} mayChange={mayDelete} />
      )}
      <div className="columns">
        <CertificateFacts certificate={certificate} />
        <div className="stack">
          <section className="card" aria-labelledby="uses">
            <h2 id="uses">Used by</h2>
            <dl className="facts">
              <dt>Profiles</dt>
              <dd>
                <UsedBy tenant={tenant} certificate={certificate} />
              </dd>
              <dt>Recordings</dt>
              <dd>
                {recordings === null ? (
                  'Not known now: the service that counts them did not answer.'
                ) : (
                  <Link to={recordingsOfPath(tenant, certificate.certificateId)}>
                    {plural(recordings, 'recording')}
                  </Link>
                )}
              </dd>
            </dl>
          </section>
          <PemCard certificate={certificate} />
        </div>
      </div>
      <CliEquivalent
        tenant={tenant}
        commands={[['certificates', 'show', shortId(certificate.certificateId)]]}
      />
      {isDeleting ? (
        <DeleteDialog tenant={tenant} certificate={certificate} onClose={() => setDeleting(false)} />
      ) : null}
    </>
  );
}
