import { useQuery } from '@tanstack/react-query';
import { Link } from 'react-router';
import type { Accesses } from '../../../src/api/recordings.ts';
import { formatCount } from '../amounts.ts';
import { CliEquivalent } from '../components/cli-equivalent.tsx';
import { ProblemNotice } from '../components/problem-notice.tsx';
import { type Column, Table } from '../components/table.tsx';
import { Time } from '../components/time.tsx';
import { auditOfPath } from './paths.ts';
import { accessesQuery } from './queries.ts';

type Access = Accesses['accesses'][number];

const ACTIONS = { play: 'played', export: 'exported', waveform: 'saw the waveform' } as const;

/** A waveform and an export as PKCS#7 are of the whole, and say no bytes. */
const bytesOf = ({ offset, length }: Access): string =>
  length === 0 ? '' : `${formatCount(offset)} to ${formatCount(offset + length - 1)}`;

const COLUMNS: readonly Column<Access>[] = [
  { key: 'at', header: 'When', width: '14rem', cell: ({ at }) => <Time at={at} show="second" /> },
  { key: 'who', header: 'Who', cell: ({ user, caller }) => <span title={caller}>{user ?? caller}</span> },
  { key: 'what', header: 'What', width: '11rem', cell: ({ action }) => ACTIONS[action] },
  { key: 'media', header: 'Media', width: '6rem', cell: ({ mediaId }) => mediaId },
  {
    key: 'bytes',
    header: 'Bytes',
    width: '14rem',
    cell: (access) => <span className="number">{bytesOf(access) || '–'}</span>,
  },
  { key: 'why', header: 'Why', cell: ({ purpose }) => <span title={purpose}>{purpose || '–'}</span> },
];

/** Who played it, or took it away: the last hundred times. */
export function AccessesCard({ tenant, recording }: { readonly tenant: string; readonly recording: string }) {
  const { data, error, refetch } = useQuery(accessesQuery(tenant, recording));
  return (
    <section className="card" aria-labelledby="accesses">
      <div className="failed-head">
        <h2 id="accesses">Who listened</h2>
        <Link to={auditOfPath(tenant, recording)}>All that is on record</Link>
      </div>
      <ProblemNotice error={error} retry={() => void refetch()} />
      {data === undefined && error !== null ? null : (
        <Table
          label="Who listened"
          columns={COLUMNS}
          rows={data?.accesses}
          keyOf={({ at, action, mediaId, offset }) => `${at} ${action} ${mediaId} ${offset}`}
          places={3}
          atOnce={10}
          empty="Nobody has opened it."
        />
      )}
      <CliEquivalent commands={[['audit', 'search', '--tenant', tenant, '--recording', recording]]} />
    </section>
  );
}
