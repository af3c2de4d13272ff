import { useQuery } from '@tanstack/react-query';
import { useEffect, useRef } from 'react';
import type { Media } from '../../../src/api/recordings.ts';
import { addressOf } from '../api-client.ts';
import { ProblemNotice } from '../components/problem-notice.tsx';
import { waveformQuery } from '../recordings/queries.ts';
import { useMediaFailure } from './use-media-failure.ts';
import { useMediaTime } from './use-media-time.ts';
import { Waveform } from './waveform.tsx';

interface PlayerProps {
  readonly tenant: string;
  readonly recording: string;
  readonly media: Media;
  readonly kind: 'audio' | 'video';
  /** Somebody has begun, or ended, to listen: what is on record of it has changed. */
  readonly onListen: () => void;
}

/**
 * Plays a media file, in as many pieces as the browser wants. Nothing of it is decrypted before somebody plays it; its waveform
 * is, which is on record by itself.
 */
export function Player({ tenant, recording, media, kind, onListen }: PlayerProps) {
  const element = useRef<HTMLVideoElement & HTMLAudioElement>(null);
  const of = { tenant, recording, media: media.mediaId };
  const address = addressOf('GET /tenants/:tenant/recordings/:recording/media/:media', of);
  const waveform = useQuery({ ...waveformQuery(of), enabled: media.hasWaveform });
  const { at, isPlaying, seek } = useMediaTime(element);
  const [failure, forget] = useMediaFailure(element, address);
  const told = useRef(onListen);
  told.current = onListen;
  const hasPlayed = useRef(false);
  useEffect(() => {
    if (isPlaying) hasPlayed.current = true;
    if (hasPlayed.current) told.current();
  }, [isPlaying]);
  const play = () => void element.current?.play().catch(() => {});
  const toggle = () => (element.current?.paused ? play() : element.current?.pause());
  const again = () => {
    forget();
    element.current?.load();
    play();
  };
  const attributes = {
    ref: element,
    src: address,
    controls: true,
    preload: 'none',
    'aria-label': `${media.mediaId} of ${recording}`,
  } as const;
  return (
    <div className="player">
      {waveform.data === undefined ? (
        <WaveformPlace isComing={media.hasWaveform && waveform.error === null} />
      ) : (
        <Waveform peaks={waveform.data} at={at} onToggle={toggle} onSeek={seek} />
      )}
      {/* Nobody has written down what is said in a recording: there are no captions. */}
      {kind === 'video' ? (
        <video className="player-video" {...attributes} />
      ) : (
        <audio className="player-audio" {...attributes} />
      )}
      {failure === 'form' ? (
        <div className="notice notice-warning" role="alert">
          <p className="notice-title">This browser cannot play {media.contentType}</p>
          <p>Its bytes came well. Fetch it with the command line, and play it with another program.</p>
        </div>
      ) : (
        <ProblemNotice error={failure?.error} retry={again} />
      )}
      {waveform.error === null || failure !== undefined ? null : (
        <ProblemNotice error={waveform.error} retry={() => void waveform.refetch()} />
      )}
    </div>
  );
}

/** As high as a waveform will be; nothing where there is none. */
const WaveformPlace = ({ isComing }: { readonly isComing: boolean }) =>
  isComing ? <div className="waveform waveform-place" aria-busy="true" /> : null;
