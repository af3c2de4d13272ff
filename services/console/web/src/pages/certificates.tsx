import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useNavigate } from 'react-router';
import type { CertificateRow } from '../../../src/api/certificates.ts';
import { certificateColumns } from '../certificates/columns.tsx';
import { certificatePath } from '../certificates/paths.ts';
import { certificatesQuery } from '../certificates/queries.ts';
import { UploadDialog } from '../certificates/upload-dialog.tsx';
import { CliEquivalent } from '../components/cli-equivalent.tsx';
import { PageHead } from '../components/page-head.tsx';
import { ProblemNotice } from '../components/problem-notice.tsx';
import { QuickFilter } from '../components/quick-filter.tsx';
import { Table } from '../components/table.tsx';
import { matches } from '../matches.ts';
import { plural } from '../plural.ts';
import { useMay, useTenant } from '../session.ts';
import { useQueryParam } from '../use-query-param.ts';

/** All certificates of a tenant that recordings are, were or may be encrypted to. */
export function CertificatesPage() {
  const tenant = useTenant();
  const may = useMay();
  const navigate = useNavigate();
  const [filter, setFilter] = useQueryParam('q');
  const [deleted, setDeleted] = useQueryParam('deleted');
  const [isUploading, setUploading] = useState(false);
  const { data, error, refetch } = useQuery({
    ...certificatesQuery(tenant, deleted === '1'),
    placeholderData: keepPreviousData,
  });
  const shown = data?.certificates.filter((row) => matches(filter, wordsOf(row)));
  return (
    <>
      <PageHead title="Recording Certificates" about="What recordings are encrypted to, and opened with.">
        {may('certificate.import') ? (
          <button type="button" className="button primary" onClick={() => setUploading(true)}>
            Upload
          </button>
        ) : null}
      </PageHead>
      <div className="toolbar">
        <QuickFilter label="Filter by any part of a name" value={filter} onChange={setFilter} />
        <label className="check">
          <input
            type="checkbox"
            checked={deleted === '1'}
            onChange={({ target }) => setDeleted(target.checked ? '1' : '')}
          />
          Deleted ones too
        </label>
        <span className="muted" role="status">
          {countOf(shown?.length, data?.certificates.length)}
        </span>
      </div>
      <ProblemNotice error={error} retry={() => void refetch()} />
      {data === undefined && error !== null ? null : (
        <Table
          label="Recording Certificates"
          columns={certificateColumns(tenant)}
          rows={shown}
          keyOf={({ certificateId }) => certificateId}
          rowClass={({ deletion }) => (deletion?.state === 'deleted' ? 'is-gone' : '')}
          sorting={{ key: 'alias', descending: false }}
          empty={
            filter === ''
              ? 'No certificates yet. Until there is one, recordings are kept sealed to a holding key.'
              : `None has ${filter} in it.`
          }
        />
      )}
      {data?.isComplete === false ? (
        <p className="notice notice-warning">
          These are the first {plural(data.certificates.length, 'certificate')}: there are more. The command
          line finds them all.
        </p>
      ) : null}
      <CliEquivalent
        tenant={tenant}
        commands={[
          ['certificates', 'list', ...filter.split(/\s+/).filter(Boolean), ...(deleted ? ['--deleted'] : [])],
        ]}
      />
      {isUploading ? (
        <UploadDialog
          tenant={tenant}
          onClose={() => setUploading(false)}
          onSaved={({ certificateId }) => void navigate(certificatePath(tenant, certificateId))}
        />
      ) : null}
    </>
  );
}

const wordsOf = (row: CertificateRow): readonly string[] => [
  ...[row.alias, row.subject, row.subjectName, row.issuer, row.serialNumber, row.certificateId],
];

function countOf(shown: number | undefined, all: number | undefined): string {
  if (shown === undefined || all === undefined) return '';
  return shown === all
    ? plural(all, 'certificate')
    : `${shown.toLocaleString('en')} of ${plural(all, 'certificate')}`;
}
