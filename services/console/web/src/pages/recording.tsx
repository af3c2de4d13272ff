import '../recordings/recordings.css';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { Link, useParams, useSearchParams } from 'react-router';
import type { Recording } from '../../../src/api/recordings.ts';
import { PageHead } from '../components/page-head.tsx';
import { ProblemNotice } from '../components/problem-notice.tsx';
import { SkeletonCards } from '../components/skeleton-cards.tsx';
import { EnvelopeCard } from '../envelope/envelope-card.tsx';
import { ExportCard } from '../envelope/export-card.tsx';
import { MediaCard } from '../player/media-card.tsx';
import { codeOf } from '../problem-error.ts';
import { AccessesCard } from '../recordings/accesses-card.tsx';
import { FactsCard } from '../recordings/facts-card.tsx';
import { MediaChooser } from '../recordings/media-chooser.tsx';
import { recordingQuery } from '../recordings/queries.ts';
import { StateBadges } from '../recordings/state-badges.tsx';
import { TimelineCard } from '../recordings/timeline-card.tsx';
import { useMay, useTenant } from '../session.ts';

/** It takes a moment until what was heard is on record where it can be asked for. */
const ON_RECORD_MS = 1500;

/** Everything about one recording, or about a capture that became none. */
export function RecordingPage() {
  const tenant = useTenant();
  const { id = '' } = useParams();
  const client = useQueryClient();
  const { data, error, refetch } = useQuery(recordingQuery(tenant, id));
  const onListen = () =>
    setTimeout(() => void client.invalidateQueries({ queryKey: ['recording', tenant, id] }), ON_RECORD_MS);
  return (
    <>
      <Link to=".." relative="path" className="back">
        Recordings
      </Link>
      <PageHead title={id}>{data === undefined ? null : <StateBadges recording={data} />}</PageHead>
      {/* A capture that became no recording has a timeline all the same, which says more. */}
      {codeOf(error) === 'RECORDING_NOT_FOUND' && data === undefined ? (
        <p className="notice notice-warning">
          No recording of this id is stored. What is known of it is below; what was handed over and waits to
          be encrypted appears here once it is.
        </p>
      ) : (
        <ProblemNotice error={error} retry={() => void refetch()} />
      )}
      {data === undefined && error === null ? <SkeletonCards /> : null}
      {data === undefined ? (
        <TimelineCard tenant={tenant} recording={id} />
      ) : (
        <Stored tenant={tenant} recording={data} onListen={onListen} />
      )}
    </>
  );
}

interface StoredProps {
  readonly tenant: string;
  readonly recording: Recording;
  readonly onListen: () => void;
}

function Stored({ tenant, recording, onListen }: StoredProps) {
  const may = useMay();
  const [params] = useSearchParams();
  const { recordingId, media } = recording;
  const wanted = params.get('media');
  const chosen = media.find(({ mediaId }) => mediaId === wanted) ?? media[0];
  return (
    <>
      {chosen === undefined ? null : (
        <>
          <MediaChooser media={media} chosen={chosen.mediaId} />
          <MediaCard tenant={tenant} recording={recordingId} media={chosen} onListen={onListen} />
        </>
      )}
      <div className="columns">
        <TimelineCard tenant={tenant} recording={recordingId} />
        <div className="stack">
          <FactsCard tenant={tenant} recording={recording} />
          {chosen !== undefined && chosen.suite !== 'clear' && may('media.export') ? (
            <ExportCard tenant={tenant} recording={recordingId} media={chosen} />
          ) : null}
        </div>
      </div>
      {chosen === undefined ? null : (
        <EnvelopeCard key={chosen.mediaId} tenant={tenant} recording={recordingId} media={chosen} />
      )}
      {may('audit.read') ? <AccessesCard tenant={tenant} recording={recordingId} /> : null}
    </>
  );
}
