import { useQuery } from '@tanstack/react-query';
import type { Rollout as RolloutAnswer } from '../../../src/api/profiles.ts';
import { Badge, type Tone } from '../components/badge.tsx';
import { CliEquivalent } from '../components/cli-equivalent.tsx';
import { ProblemNotice } from '../components/problem-notice.tsx';
import { type Column, Table } from '../components/table.tsx';
import { Time } from '../components/time.tsx';
import { rolloutQuery } from './queries.ts';

type Encryptor = RolloutAnswer['encryptors'][number];

const TONES: Readonly<Record<Encryptor['state'], Tone>> = {
  applied: 'good',
  pending: 'info',
  refused: 'bad',
  silent: 'warning',
};
const MEANS: Readonly<Record<Encryptor['state'], string>> = {
  applied: 'runs the newest',
  pending: 'has not said that it runs the newest yet',
  refused: 'goes on with what it had, since it cannot use the newest',
  silent: 'has not said anything for a while',
};

const COLUMNS: readonly Column<Encryptor>[] = [
  {
    key: 'instance',
    header: 'Encryptor',
    sortBy: ({ instance }) => instance,
    cell: ({ instance }) => <code title={instance}>{instance}</code>,
  },
  {
    key: 'state',
    header: 'State',
    width: '7rem',
    sortBy: ({ state }) => state,
    cell: ({ state }) => (
      <span title={MEANS[state]}>
        <Badge tone={TONES[state]}>{state}</Badge>
      </span>
    ),
  },
  {
    key: 'reported',
    header: 'Reported',
    width: '9rem',
    cell: ({ reportedAt }) => <Time at={reportedAt} show="relative" />,
  },
];

interface RolloutProps {
  readonly tenant: string;
  /** Undefined for the screen settings. */
  readonly profile: string | undefined;
}

/** Which encryptors run the newest of a profile, or of the screen settings; refreshed while some do not. */
export function Rollout({ tenant, profile }: RolloutProps) {
  const { data, error, refetch } = useQuery(rolloutQuery(tenant, profile));
  const refused = data?.encryptors.flatMap(({ instance, refused }) =>
    refused.map((each) => ({ instance, ...each })),
  );
  return (
    <section className="card" aria-labelledby="rollout">
      <h2 id="rollout">Rollout</h2>
      <p className="muted" role="status">
        {data === undefined ? 'Asking the encryptors…' : summaryOf(data)}
      </p>
      <ProblemNotice error={error} retry={() => void refetch()} />
      {error !== null && data === undefined ? null : (
        <Table
          label="Rollout by encryptor"
          columns={COLUMNS}
          rows={data?.encryptors}
          places={2}
          keyOf={({ instance }) => instance}
          empty="No encryptor is running."
        />
      )}
      {refused?.map(({ instance, certificateId, reason, message, nextStep }) => (
        <div className="notice notice-bad" key={`${instance} ${certificateId} ${reason}`}>
          <p className="notice-title">
            {instance}: {message}
          </p>
          <p>{nextStep}</p>
        </div>
      ))}
      <CliEquivalent tenant={tenant} commands={[['profiles', 'rollout', profile ?? '--screen', '--watch']]} />
    </section>
  );
}

function summaryOf({ revision, encryptors }: RolloutAnswer): string {
  const applied = encryptors.filter(({ state }) => state === 'applied').length;
  const of = `revision ${revision}`;
  if (encryptors.length === 0) return `No encryptor runs ${of}: none is there.`;
  if (applied === encryptors.length) return `Every encryptor runs ${of}.`;
  return `${applied} of ${encryptors.length} run ${of}.`;
}
