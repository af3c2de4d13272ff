import { useMutation, useQueryClient } from '@tanstack/react-query';
import type { CertificateDetails, Deletion } from '../../../src/api/certificates.ts';
import { ask } from '../api-client.ts';
import { CliEquivalent } from '../components/cli-equivalent.tsx';
import { ProblemNotice } from '../components/problem-notice.tsx';
import { Time } from '../components/time.tsx';
import { plural } from '../plural.ts';
import { ApproveForm } from './approve-form.tsx';
import { shortId } from './paths.ts';
import { certificateQuery } from './queries.ts';

interface DeletionCardProps {
  readonly tenant: string;
  readonly certificate: CertificateDetails;
  readonly deletion: Deletion;
  readonly mayChange: boolean;
}

/** A deletion that waits for two people, or that can still be taken back. */
export function DeletionCard({ tenant, certificate, deletion, mayChange }: DeletionCardProps) {
  const { certificateId } = certificate;
  const client = useQueryClient();
  const restore = useMutation({
    mutationFn: () =>
      ask('POST /tenants/:tenant/certificates/:certificate/restore', { tenant, certificate: certificateId }),
    onSuccess: (after) => {
      client.setQueryData(certificateQuery(tenant, certificateId).queryKey, after);
      void client.invalidateQueries({ queryKey: ['certificates', tenant] });
    },
  });
  const isDeleted = deletion.state === 'deleted';
  return (
    <section className="card" aria-labelledby="deletion">
      <h2 id="deletion">{isDeleted ? 'Deleted' : 'Deletion asked for'}</h2>
      {isDeleted ? (
        <p>
          It opens nothing. Until <Time at={deletion.until} /> (<Time at={deletion.until} show="relative" />)
          it can be restored; then its private key is gone for good.
        </p>
      ) : (
        <div className="columns">
          <div className="stack">
            <Request deletion={deletion} />
          </div>
          {mayChange ? (
            <ApproveForm tenant={tenant} certificate={certificate} statement={deletion.statement} />
          ) : null}
        </div>
      )}
      <ProblemNotice error={restore.error} focus />
      {mayChange ? (
        <div className="actions spread">
          <CliEquivalent tenant={tenant} commands={[['certificates', 'restore', shortId(certificateId)]]} />
          <button
            type="button"
            className="button"
            disabled={restore.isPending}
            onClick={() => restore.mutate()}
          >
            {isDeleted ? 'Restore' : 'Take the request back'}
          </button>
        </div>
      ) : null}
    </section>
  );
}

function Request({ deletion: { recordings, until, statement, approvers } }: { readonly deletion: Deletion }) {
  return (
    <>
      <p>
        {plural(recordings, 'recording')} would become unplayable, so two people have to approve it before{' '}
        <Time at={until} /> (<Time at={until} show="relative" />
        ). {approvers.length === 0 ? 'Nobody has yet.' : `Approved so far by ${approvers.join(', ')}.`}
      </p>
      <p className="muted">What they sign:</p>
      <pre className="code">{statement}</pre>
    </>
  );
}
