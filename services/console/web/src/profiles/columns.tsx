import { Link } from 'react-router';
import type { MediaSettings, Profile } from '../../../src/api/profiles.ts';
import { Badge } from '../components/badge.tsx';
import { DaysLeft } from '../components/days-left.tsx';
import type { Column } from '../components/table.tsx';
import { POLICY_MEANS, SUITE_MEANS } from './means.ts';

/** Of the list of IVR profiles. */
export const profileColumns = (tenant: string): readonly Column<Profile>[] => [
  {
    key: 'id',
    header: 'DBID',
    width: '6rem',
    sortBy: ({ profileId }) => profileId,
    cell: ({ profileId }) => (
      <Link to={`/t/${encodeURIComponent(tenant)}/profiles/${profileId}`}>{profileId}</Link>
    ),
  },
  {
    key: 'name',
    header: 'Name',
    sortBy: ({ name }) => name,
    cell: ({ name, isDeleted }) => (
      <>
        <span title={name}>{name}</span> {isDeleted ? <Badge tone="bad">deleted</Badge> : null}
      </>
    ),
  },
  {
    key: 'certificates',
    header: 'Certificates',
    sortBy: ({ voice }) => aliases(voice),
    cell: ({ voice, isDeleted }) =>
      voice.certificates.length === 0 && !isDeleted ? (
        <Badge tone={voice.policy === 'required' ? 'warning' : 'bad'}>none</Badge>
      ) : (
        <span title={aliases(voice)}>{aliases(voice)}</span>
      ),
  },
  {
    key: 'left',
    header: 'First to end',
    width: '11rem',
    sortBy: (profile) => firstEnd(profile),
    cell: (profile) => {
      const end = firstEnd(profile);
      return end === undefined ? null : <DaysLeft notAfter={end} />;
    },
  },
  {
    key: 'policy',
    header: 'Policy',
    width: '7rem',
    sortBy: ({ voice }) => voice.policy,
    cell: ({ voice: { policy } }) => (
      <span title={POLICY_MEANS[policy]}>
        <Badge tone={policy === 'required' ? 'plain' : policy === 'optional' ? 'warning' : 'bad'}>
          {policy}
        </Badge>
      </span>
    ),
  },
  {
    key: 'suite',
    header: 'Suite',
    width: '5rem',
    sortBy: ({ suite }) => suite,
    cell: ({ suite }) => <span title={SUITE_MEANS[suite]}>{suite}</span>,
  },
  {
    key: 'own',
    header: 'Own settings',
    width: '8.8rem',
    cell: ({ screen, digital }) =>
      [screen === null ? '' : 'screen', digital === null ? '' : 'digital'].filter(Boolean).join(', ') || (
        <span className="muted">–</span>
      ),
  },
];

const aliases = ({ certificates }: MediaSettings): string =>
  certificates.map(({ alias }) => alias).join(', ');

/** When the first of its certificates ends. */
const firstEnd = ({ voice, screen, digital }: Profile): string | undefined =>
  [voice, screen, digital]
    .flatMap((settings) => settings?.certificates ?? [])
    .map(({ notAfter }) => notAfter)
    .toSorted()[0];
