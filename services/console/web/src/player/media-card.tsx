import type { Media } from '../../../src/api/recordings.ts';
import { addressOf } from '../api-client.ts';
import { CliEquivalent } from '../components/cli-equivalent.tsx';
import { useMay } from '../session.ts';
import { kindOfMedia } from './kind-of-media.ts';
import { Player } from './player.tsx';
import { TextMedia } from './text-media.tsx';

interface MediaCardProps {
  readonly tenant: string;
  readonly recording: string;
  readonly media: Media;
  readonly onListen: () => void;
}

/** What there is to hear, see or read, for those who may. */
export function MediaCard(props: MediaCardProps) {
  const { tenant, recording, media } = props;
  const isAllowed = useMay()('media.play');
  return (
    <section className="card" aria-labelledby="media">
      <h2 id="media">
        {media.mediaId} <span className="muted small">{media.contentType}</span>
      </h2>
      {isAllowed ? (
        <Shown {...props} />
      ) : (
        <p className="muted">You may see that it exists, and not what is in it.</p>
      )}
      <CliEquivalent
        tenant={tenant}
        commands={[
          ['recordings', 'get', recording, '--media', media.mediaId],
          ...(media.hasWaveform ? [['recordings', 'waveform', recording, '--media', media.mediaId]] : []),
        ]}
      />
    </section>
  );
}

function Shown(props: MediaCardProps) {
  const { tenant, recording, media } = props;
  const kind = kindOfMedia(media.contentType);
  if (kind === 'audio' || kind === 'video')
    return <Player key={`${recording} ${media.mediaId}`} kind={kind} {...props} />;
  if (kind === 'text') return <TextMedia key={`${recording} ${media.mediaId}`} {...props} />;
  if (kind === 'image')
    return (
      <img
        className="player-image"
        alt={`${media.mediaId} of ${recording}`}
        src={addressOf('GET /tenants/:tenant/recordings/:recording/media/:media', {
          ...{ tenant, recording },
          media: media.mediaId,
        })}
      />
    );
  return <p className="muted">A browser cannot show {media.contentType}. The command line fetches it.</p>;
}
