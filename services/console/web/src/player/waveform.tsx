import { type KeyboardEvent, type PointerEvent, useEffect, useRef } from 'react';
import type { Waveform as Peaks } from '../../../src/api/recordings.ts';
import { formatClock, spokenClock } from '../amounts.ts';
import { resolveColour, useColourScheme } from '../colour-scheme.ts';
import { plural } from '../plural.ts';
import { useWidth } from '../use-width.ts';
import { drawWaveform, type WaveformColours } from './draw-waveform.ts';
import { seekByKey, seekByPoint } from './seek.ts';

interface WaveformProps {
  readonly peaks: Peaks;
  /** Seconds. */
  readonly at: number;
  readonly onSeek: (at: number) => void;
  /** Space on it plays and pauses. */
  readonly onToggle: () => void;
}

/** CSS pixels, as recordings.css has it: the same for one channel and for two, so that nothing moves when it comes. */
const HEIGHT = 104;

/** Where it is loud in a recording, and a slider that goes there: by pointer, and by keys as any slider. */
export function Waveform({ peaks, at, onSeek, onToggle }: WaveformProps) {
  const box = useRef<HTMLDivElement>(null);
  const canvas = useRef<HTMLCanvasElement>(null);
  const width = useWidth(box);
  const scheme = useColourScheme();
  const { channels } = peaks;
  const duration = peaks.durationMs / 1000;
  const played = duration === 0 ? 0 : Math.min(1, at / duration);
  const colours = useRef<{ scheme: string; colours: WaveformColours }>(undefined);
  useEffect(() => {
    const [element, around] = [canvas.current, box.current];
    if (element === null || around === null || width === 0) return;
    if (colours.current?.scheme !== scheme) colours.current = { scheme, colours: coloursWithin(around) };
    const view = { width, height: HEIGHT, ratio: devicePixelRatio, played, colours: colours.current.colours };
    drawWaveform(element, channels, view);
  }, [channels, width, played, scheme]);
  const seekTo = (event: PointerEvent<HTMLDivElement>) => {
    const { left, width: whole } = event.currentTarget.getBoundingClientRect();
    onSeek(seekByPoint(event.clientX - left, whole, duration));
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.altKey || event.ctrlKey || event.metaKey) return;
    const wanted = seekByKey(event.key, at, duration);
    if (wanted === undefined && event.key !== ' ') return;
    event.preventDefault();
    if (wanted === undefined) onToggle();
    else onSeek(wanted);
  };
  return (
    <div className="waveform">
      <div
        ref={box}
        className="waveform-box"
        role="slider"
        tabIndex={0}
        aria-label={`Position in the recording, with ${plural(channels.length, 'channel')}`}
        aria-valuemin={0}
        aria-valuemax={Math.round(duration)}
        aria-valuenow={Math.round(at)}
        aria-valuetext={`${spokenClock(at)} of ${spokenClock(duration)}`}
        onKeyDown={onKeyDown}
        onPointerDown={(event) => {
          event.currentTarget.setPointerCapture(event.pointerId);
          seekTo(event);
        }}
        onPointerMove={(event) => {
          if (event.currentTarget.hasPointerCapture(event.pointerId)) seekTo(event);
        }}
      >
        {/* The slider says what there is to say of it. */}
        <canvas ref={canvas} />
      </div>
      <p className="waveform-times number" aria-hidden="true">
        <span>{formatClock(at)}</span>
        <span>{formatClock(duration)}</span>
      </p>
    </div>
  );
}

const coloursWithin = (element: Element): WaveformColours => ({
  played: resolveColour(element, '--accent'),
  ahead: resolveColour(element, '--line-strong'),
  position: resolveColour(element, '--text'),
});
