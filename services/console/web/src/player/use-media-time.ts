import { type RefObject, useEffect, useState } from 'react';

export interface MediaTime {
  /** Seconds. */
  readonly at: number;
  readonly isPlaying: boolean;
}

export interface Playback extends MediaTime {
  /** Goes to a moment, before anything was fetched, too: then it begins there. */
  seek(at: number): void;
}

/** Where a media element is, each frame while it plays and whenever it is moved. */
export function useMediaTime(element: RefObject<HTMLMediaElement | null>): Playback {
  const [time, setTime] = useState<MediaTime>({ at: 0, isPlaying: false });
  useEffect(() => {
    const { current } = element;
    if (current === null) return;
    let frame = 0;
    const say = () => {
      const next = { at: current.currentTime, isPlaying: !current.paused && !current.ended };
      setTime((before) => (before.at === next.at && before.isPlaying === next.isPlaying ? before : next));
      cancelAnimationFrame(frame);
      if (next.isPlaying) frame = requestAnimationFrame(say);
    };
    const events = ['play', 'pause', 'seeking', 'seeked', 'timeupdate', 'ended', 'emptied'];
    for (const event of events) current.addEventListener(event, say);
    say();
    return () => {
      cancelAnimationFrame(frame);
      for (const event of events) current.removeEventListener(event, say);
    };
  }, [element]);
  return {
    ...time,
    seek: (at) => {
      if (element.current === null) return;
      element.current.currentTime = at;
      // Before there is any media, no event tells.
      setTime((before) => ({ ...before, at }));
    },
  };
}
