import { useState } from 'react';
import type { CertificateRow } from '../../../src/api/certificates.ts';
import { CertificateState } from '../certificates/certificate-state.tsx';
import { Dialog } from '../components/dialog.tsx';
import { ProblemNotice } from '../components/problem-notice.tsx';
import { QuickFilter } from '../components/quick-filter.tsx';
import { matches } from '../matches.ts';
import { plural } from '../plural.ts';

interface CertificatePickerProps {
  readonly certificates: readonly CertificateRow[] | undefined;
  readonly error: unknown;
  readonly chosen: readonly string[];
  readonly onChoose: (certificateIds: readonly string[]) => void;
  readonly onClose: () => void;
}

/** Certificates to encrypt to, by check boxes. What nothing new may be encrypted to cannot be taken, and says why. */
export function CertificatePicker({
  certificates,
  error,
  chosen,
  onChoose,
  onClose,
}: CertificatePickerProps) {
  const [ids, setIds] = useState<readonly string[]>(chosen);
  const [filter, setFilter] = useState('');
  const offered = certificates
    ?.filter(({ deletion, certificateId }) => deletion?.state !== 'deleted' || ids.includes(certificateId))
    .filter((row) =>
      matches(filter, [row.alias, row.subject, row.issuer, row.serialNumber, row.certificateId]),
    );
  const toggle = (id: string, isChosen: boolean) =>
    setIds((before) => (isChosen ? [...before, id] : before.filter((each) => each !== id)));
  return (
    <Dialog title="Choose certificates" onClose={onClose}>
      <QuickFilter label="Filter by any part of a name" value={filter} onChange={setFilter} />
      <ProblemNotice error={error} />
      {offered === undefined ? <span className="placeholder" /> : null}
      {offered?.length === 0 ? (
        <p className="muted">None is there{filter === '' ? '' : ' with this in it'}.</p>
      ) : null}
      <ul className="check-list" aria-label="Certificates">
        {offered?.map((row) => {
          const isChosen = ids.includes(row.certificateId);
          const isUsable = row.problem === null && !row.decryptOnly;
          return (
            <li key={row.certificateId}>
              <label title={row.problemText ?? row.subject}>
                <input
                  type="checkbox"
                  checked={isChosen}
                  disabled={!isUsable && !isChosen}
                  onChange={({ target }) => toggle(row.certificateId, target.checked)}
                />
                <span>
                  {row.alias} <span className="muted small">{row.certificateId.slice(0, 8)}</span>
                </span>
                <CertificateState {...row} />
              </label>
            </li>
          );
        })}
      </ul>
      <div className="actions spread">
        <span className="muted" role="status">
          {plural(ids.length, 'certificate')} chosen
        </span>
        <span className="badges">
          <button type="button" className="button" onClick={onClose}>
            Cancel
          </button>
          <button type="button" className="button primary" onClick={() => onChoose(ids)}>
            Take these
          </button>
        </span>
      </div>
    </Dialog>
  );
}
