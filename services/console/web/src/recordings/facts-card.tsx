import { Link } from 'react-router';
import type { Recording } from '../../../src/api/recordings.ts';
import { formatBytes } from '../amounts.ts';
import { Time } from '../components/time.tsx';
import { useMay } from '../session.ts';
import { profilePath } from './paths.ts';

interface FactsCardProps {
  readonly tenant: string;
  readonly recording: Recording;
}

/** What the pipeline said of it. */
export function FactsCard({ tenant, recording }: FactsCardProps) {
  const may = useMay();
  const { profileId, mediaType, startedAt, attributes, media } = recording;
  const entries = Object.entries(attributes);
  return (
    <section className="card" aria-labelledby="facts">
      <h2 id="facts">Recording</h2>
      <dl className="facts">
        <dt>Started</dt>
        <dd>
          <Time at={startedAt} show="second" />
        </dd>
        <dt>Profile</dt>
        <dd>
          {may('profile.read') ? <Link to={profilePath(tenant, profileId)}>{profileId}</Link> : profileId}
        </dd>
        <dt>Type</dt>
        <dd>{mediaType || 'not known'}</dd>
        <dt>Size</dt>
        <dd>{formatBytes(media.reduce((sum, { plaintextSize }) => sum + plaintextSize, 0))}</dd>
        {entries.map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
      {entries.length === 0 ? <p className="muted">The pipeline gave no attributes.</p> : null}
    </section>
  );
}
