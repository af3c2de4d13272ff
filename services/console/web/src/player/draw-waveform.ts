import { barsOf } from './bars.ts';

export interface WaveformColours {
  readonly played: string;
  readonly ahead: string;
  readonly position: string;
}

export interface WaveformView {
  /** CSS pixels. */
  readonly width: number;
  readonly height: number;
  /** Pixels of the screen for each of them. */
  readonly ratio: number;
  /** 0 to 1. */
  readonly played: number;
  readonly colours: WaveformColours;
}

const CHANNEL_GAP = 6;
/** Silence is seen, too. */
const LEAST = 1;

/** Draws the channels one below the other, each around its middle; what was played is coloured. */
export function drawWaveform(
  canvas: HTMLCanvasElement,
  channels: readonly (readonly number[])[],
  { width, height, ratio, played, colours }: WaveformView,
): void {
  // Setting the size empties a canvas, even to what it is.
  if (canvas.width !== Math.round(width * ratio)) canvas.width = Math.round(width * ratio);
  if (canvas.height !== Math.round(height * ratio)) canvas.height = Math.round(height * ratio);
  const context = canvas.getContext('2d');
  if (context === null) return;
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  context.clearRect(0, 0, width, height);
  const lane = (height - CHANNEL_GAP * (channels.length - 1)) / Math.max(1, channels.length);
  const edge = played * width;
  channels.forEach((peaks, channel) => {
    const middle = channel * (lane + CHANNEL_GAP) + lane / 2;
    const bars = new Path2D();
    for (const bar of barsOf(peaks, width)) {
      const size = Math.max(LEAST, bar.peak * lane);
      bars.rect(bar.x, middle - size / 2, bar.width, size);
    }
    fillPart(context, bars, colours.ahead, edge, width, height);
    fillPart(context, bars, colours.played, 0, edge, height);
  });
  context.fillStyle = colours.position;
  context.fillRect(Math.min(Math.max(edge - 0.5, 0), width - 1), 0, 1, height);
}

function fillPart(
  context: CanvasRenderingContext2D,
  bars: Path2D,
  colour: string,
  from: number,
  to: number,
  height: number,
): void {
  if (to <= from) return;
  context.save();
  context.beginPath();
  context.rect(from, 0, to - from, height);
  context.clip();
  context.fillStyle = colour;
  context.fill(bars);
  context.restore();
}
