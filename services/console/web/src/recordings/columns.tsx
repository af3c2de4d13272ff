import { Link } from 'react-router';
import type { Recording } from '../../../src/api/recordings.ts';
import { formatBytes } from '../amounts.ts';
import type { Column } from '../components/table.tsx';
import { Time } from '../components/time.tsx';
import { agentOf } from './agent-of.ts';
import { recordingPath } from './paths.ts';
import { StateBadges } from './state-badges.tsx';

export const recordingColumns = (tenant: string): readonly Column<Recording>[] => [
  {
    key: 'started',
    header: 'Started',
    width: '14rem',
    cell: ({ startedAt }) => <Time at={startedAt} show="second" />,
  },
  {
    key: 'id',
    header: 'Recording',
    cell: ({ recordingId }) => (
      <Link to={recordingPath(tenant, recordingId)} title={recordingId}>
        {recordingId}
      </Link>
    ),
  },
  { key: 'profile', header: 'Profile', width: '7rem', cell: ({ profileId }) => profileId },
  {
    key: 'agent',
    header: 'Agent',
    width: '9rem',
    cell: ({ attributes }) => agentOf(attributes) || <span className="muted">–</span>,
  },
  {
    key: 'type',
    header: 'Type',
    width: '6rem',
    cell: ({ mediaType }) => mediaType || <span className="muted">–</span>,
  },
  {
    key: 'size',
    header: 'Size',
    width: '6.5rem',
    align: 'end',
    cell: ({ media }) => (
      <span className="number">
        {formatBytes(media.reduce((sum, { plaintextSize }) => sum + plaintextSize, 0))}
      </span>
    ),
  },
  {
    key: 'state',
    header: 'Protection',
    width: '14rem',
    cell: (recording) => <StateBadges recording={recording} />,
  },
];
