import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { Link } from 'react-router';
import type { CertificateDetails } from '../../../src/api/certificates.ts';
import { ask } from '../api-client.ts';
import { CliEquivalent } from '../components/cli-equivalent.tsx';
import { Dialog } from '../components/dialog.tsx';
import { ProblemNotice } from '../components/problem-notice.tsx';
import { plural } from '../plural.ts';
import { ProblemError } from '../problem-error.ts';
import { recordingsOfPath, shortId } from './paths.ts';
import { certificateQuery } from './queries.ts';
import { UsedBy } from './used-by.tsx';

interface DeleteDialogProps {
  readonly tenant: string;
  readonly certificate: CertificateDetails;
  readonly onClose: () => void;
}

/**
 * What a deletion would do, before it is done. What recordings need is refused by the crypto server, and then two people may be asked to
 * approve it all the same.
 */
export function DeleteDialog({ tenant, certificate, onClose }: DeleteDialogProps) {
  const { certificateId, alias, recordings } = certificate;
  const client = useQueryClient();
  const [isUnderstood, understand] = useState(false);
  const remove = useMutation({
    mutationFn: (force: boolean) =>
      ask(
        'DELETE /tenants/:tenant/certificates/:certificate',
        { tenant, certificate: certificateId },
        { query: { force: force ? '1' : undefined } },
      ),
    onSuccess: (after) => {
      client.setQueryData(certificateQuery(tenant, certificateId).queryKey, after);
      void client.invalidateQueries({ queryKey: ['certificates', tenant] });
      onClose();
    },
  });
  const refused = neededBy(remove.error);
  return (
    <Dialog title={`Delete ${alias}`} onClose={onClose}>
      <p>
        It opens nothing once it is deleted, and can be restored for some days. Its private key goes with the
        last certificate on it.
      </p>
      <dl className="facts">
        <dt>Profiles</dt>
        <dd>
          <UsedBy tenant={tenant} certificate={certificate} />
        </dd>
        <dt>Recordings</dt>
        <dd>
          {recordings === null ? (
            'Not known now: the crypto server counts them before it deletes.'
          ) : recordings === 0 ? (
            'None is encrypted to it.'
          ) : (
            <>
              <Link to={recordingsOfPath(tenant, certificateId)}>{plural(recordings, 'recording')}</Link>{' '}
              would become unplayable, unless another certificate opens them too.
            </>
          )}
        </dd>
      </dl>
      <ProblemNotice error={remove.error} focus />
      {refused === undefined ? null : (
        <label className="check">
          <input
            type="checkbox"
            checked={isUnderstood}
            onChange={({ target }) => understand(target.checked)}
          />
          Ask two people to approve it all the same: {plural(refused, 'recording')} will not play any more
        </label>
      )}
      <div className="actions spread">
        <CliEquivalent
          tenant={tenant}
          commands={[
            ['certificates', 'delete', shortId(certificateId), ...(refused === undefined ? [] : ['--force'])],
          ]}
        />
        <span className="badges">
          <button type="button" className="button" onClick={onClose}>
            Keep it
          </button>
          {refused === undefined ? (
            <button
              type="button"
              className="button danger primary"
              disabled={remove.isPending}
              onClick={() => remove.mutate(false)}
            >
              Delete
            </button>
          ) : (
            <button
              type="button"
              className="button danger primary"
              disabled={!isUnderstood || remove.isPending}
              onClick={() => remove.mutate(true)}
            >
              Ask for two approvals
            </button>
          )}
        </span>
      </div>
    </Dialog>
  );
}

/** How many recordings stand in the way, where that is why it was refused: an IVR profile in the way is no matter of approvals. */
function neededBy(error: unknown): number | undefined {
  if (!(error instanceof ProblemError) || error.problem.code !== 'CERTIFICATE_IN_USE') return undefined;
  const recordings = error.problem.details?.recordings;
  return recordings === undefined ? undefined : Number(recordings);
}
