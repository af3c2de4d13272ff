import { median } from '../envelope/median.ts';
import { type Measurement, measurement } from '../report.ts';

export const STREAMS = ['download', 'upload', 'unary'] as const;
export type StreamCase = (typeof STREAMS)[number];
export const ENGINES = [
  'sealtrack, mutual TLS',
  'sealtrack, plaintext',
  'grpc-js alone, mutual TLS',
] as const;
export type EngineName = (typeof ENGINES)[number];

/** What was measured in one round: MB/s, or calls or handshakes a second. */
export interface Round {
  readonly streams: Readonly<Record<StreamCase, Readonly<Record<EngineName, number>>>>;
  readonly handshakes: { readonly judging: number; readonly bare: number };
}

const METRICS: Readonly<Record<StreamCase, readonly [metric: string, unit: string]>> = {
  download: ['throughput', 'MB/s'],
  upload: ['throughput', 'MB/s'],
  unary: ['calls', '1/s'],
};

/** Of grpc-js alone over TLS: what our own layer may cost. A call of our own has a deadline, errors with details and a log line. */
const GOALS: Readonly<Record<StreamCase, number>> = { download: 0.9, upload: 0.9, unary: 0.5 };
/** Of node:tls alone, which judges nothing beyond the chain. */
const HANDSHAKE_GOAL = 0.7;

export function rowsOf(rounds: readonly Round[]): Measurement[] {
  const streams = STREAMS.flatMap((name) => {
    const [metric, unit] = METRICS[name];
    const row = (engine: EngineName) => ({ bench: 'tls', case: name, engine, metric, unit });
    const of = (engine: EngineName) => median(rounds.map((round) => round.streams[name][engine]));
    const [secured, plaintext, bare] = ENGINES;
    return [
      measurement({ ...row(bare), value: of(bare) }),
      measurement({ ...row(plaintext), value: of(plaintext) }),
      measurement({ ...row(secured), value: of(secured), limit: of(bare), goal: GOALS[name] }),
      measurement({
        ...row(secured),
        metric: `${metric} beside plaintext`,
        value: of(secured),
        limit: of(plaintext),
      }),
    ];
  });
  const row = { bench: 'tls', case: 'handshake', metric: 'handshakes', unit: '1/s' };
  const bare = median(rounds.map(({ handshakes }) => handshakes.bare));
  const judging = median(rounds.map(({ handshakes }) => handshakes.judging));
  return [
    ...streams,
    measurement({ ...row, engine: 'node:tls alone, mutual', value: bare }),
    measurement({
      ...row,
      engine: 'sealtrack, mutual TLS',
      value: judging,
      limit: bare,
      goal: HANDSHAKE_GOAL,
    }),
  ];
}
