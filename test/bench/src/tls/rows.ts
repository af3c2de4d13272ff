import { median } from '../envelope/median.ts';
import { type Measurement, measurement } from '../report.ts';

export const STREAMS = ['download', 'upload', 'unary'] as const;
export type StreamCase = (typeof STREAMS)[number];
export const CASES = [...STREAMS, 'handshake'] as const;
type CaseName = (typeof CASES)[number];
export const ENGINES = ['ours', 'plaintext', 'bare'] as const;
export type EngineName = (typeof ENGINES)[number];

/** Of megabytes, calls or handshakes. */
export interface Rate {
  readonly perSecond: number;
  /** What does not depend on how much of the processor others left. */
  readonly perCpuSecond: number;
}

/** What was measured in one round. */
export interface Round {
  readonly slices: readonly { readonly name: CaseName; readonly engine: EngineName; readonly rate: Rate }[];
}

const METRICS: Readonly<Record<CaseName, readonly [metric: string, unit: string]>> = {
  download: ['throughput', 'MB/s'],
  upload: ['throughput', 'MB/s'],
  unary: ['calls', '1/s'],
  handshake: ['handshakes', '1/s'],
};

const nameOf = (engine: EngineName, name: CaseName): string => {
  if (engine === 'bare')
    return name === 'handshake' ? 'node:tls alone, mutual TLS' : 'grpc-js alone, mutual TLS';
  return engine === 'ours' ? 'sealtrack, mutual TLS' : 'sealtrack, plaintext';
};

/**
 * Of what the library below does with the same processor time. A call of our own has a deadline, errors with details and
 * a line in the log; a handshake judges the whole chain a second time, on both sides.
 */
const GOALS: Readonly<Record<CaseName, number>> = { download: 0.9, upload: 0.9, unary: 0.4, handshake: 0.5 };

export function rowsOf(rounds: readonly Round[]): Measurement[] {
  return CASES.flatMap((name) => {
    const [metric, unit] = METRICS[name];
    const rates = (engine: EngineName) =>
      rounds
        .flatMap(({ slices }) => slices)
        .filter((slice) => slice.name === name && slice.engine === engine)
        .map(({ rate }) => rate);
    const value = (engine: EngineName, per: keyof Rate) => median(rates(engine).map((rate) => rate[per]));
    const row = (engine: EngineName) => ({
      bench: 'tls',
      case: name,
      engine: nameOf(engine, name),
      metric,
      unit,
    });
    const others = ENGINES.filter((engine) => engine !== 'ours' && rates(engine).length > 0);
    return [
      ...others.map((engine) => measurement({ ...row(engine), value: value(engine, 'perSecond') })),
      measurement({
        ...row('ours'),
        value: value('ours', 'perSecond'),
        limit: value('bare', 'perSecond'),
      }),
      ...others.map((engine) =>
        measurement({
          ...row('ours'),
          metric: `${metric} per CPU second beside ${engine === 'bare' ? 'the library' : 'plaintext'}`,
          value: value('ours', 'perCpuSecond'),
          limit: value(engine, 'perCpuSecond'),
          ...(engine === 'bare' && { goal: GOALS[name] }),
        }),
      ),
    ];
  });
}
