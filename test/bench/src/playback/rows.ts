import { median } from '../envelope/median.ts';
import { type Measurement, measurement } from '../report.ts';
import type { Appends } from './audit-appends.ts';
import { type Download, GATEWAY, HTTPS, OURS, PEERS } from './downloads.ts';
import { BARE_PARTS, type FirstBytes } from './first-bytes.ts';
import type { Listening } from './listeners.ts';
import type { StreamMemory } from './memory.ts';
import type { Overload } from './overload.ts';

const row = (name: string, engine: string, metric: string, unit: string) => ({
  ...{ bench: 'playback', case: name, engine, metric, unit },
});
const lower = { better: 'lower' } as const;

type Per = Exclude<keyof Download, 'engine'>;

const PERS: readonly (readonly [per: Per, metric: string])[] = [
  ['perSecond', 'throughput'],
  ['perCpuSecond', 'throughput per CPU second'],
];
/** Of the best of the bare ones. */
const STREAM_GOAL = 0.7;

export function downloadRows(downloads: readonly Download[]): Measurement[] {
  const of = (engine: string, per: Per) =>
    median(downloads.filter((each) => each.engine === engine).map((each) => each[per]));
  const at = (engine: string, metric: string) => row('download', engine, metric, 'MB/s');
  const best = (per: Per) => Math.max(...PEERS.map((engine) => of(engine, per)));
  return [
    ...[...PEERS, HTTPS].flatMap((engine) =>
      PERS.map(([per, metric]) => measurement({ ...at(engine, metric), value: of(engine, per) })),
    ),
    ...PERS.flatMap(([per, metric]) => [
      measurement({
        ...at(OURS, `${metric} beside the best grpc-js`),
        ...{ value: of(OURS, per), limit: best(per), goal: STREAM_GOAL },
      }),
      measurement({ ...at(OURS, `${metric} beside HTTPS`), value: of(OURS, per), limit: of(HTTPS, per) }),
      measurement({ ...at(GATEWAY, `${metric} beside gRPC`), value: of(GATEWAY, per), limit: of(OURS, per) }),
    ]),
    measurement({ ...at(OURS, 'MB per CPU second of the server'), value: of(OURS, 'perServerSecond') }),
    measurement({ ...at(OURS, 'MB per CPU second of the client'), value: of(OURS, 'perClientSecond') }),
    measurement({
      ...at(GATEWAY, 'MB per CPU second of gateway and server'),
      value: of(GATEWAY, 'perServerSecond'),
    }),
  ];
}

const COLD_GOAL = 1.5;
const WARM_GOAL = 0.4;
/** The same, and what two medians of the same differ by. */
const SAME_GOAL = 1.1;

export function firstByteRows(times: FirstBytes): Measurement[] {
  const at = (name: string, metric: string) => row('first byte', name, metric, 'ms');
  const bare = BARE_PARTS.reduce((sum, part) => sum + times[part], 0);
  const beside = (name: string, metric: string, value: number, limit: number, goal: number) =>
    measurement({ ...at(name, metric), value, limit, goal, ...lower });
  return [
    ...BARE_PARTS.map((part) => measurement({ ...at('bare', part), value: times[part], ...lower })),
    beside(OURS, 'cold, beside the bare three', times.cold, bare, COLD_GOAL),
    beside(OURS, 'warm, beside cold', times.warm, times.cold, WARM_GOAL),
    beside(
      ...[
        OURS,
        'cold at the end of the large one, beside the start of 1 MB',
        times['cold, end of the large one'],
      ],
      ...[times.cold, SAME_GOAL],
    ),
    beside(
      ...[
        OURS,
        'warm at the end of the large one, beside the start of 1 MB',
        times['warm, end of the large one'],
      ],
      ...[times.warm, SAME_GOAL],
    ),
  ];
}

export const auditRows = (appends: Appends): Measurement[] => {
  const at = (metric: string) => row('audit', OURS, metric, '1/s');
  const { chained, bare, chainedPerCpuSecond, barePerCpuSecond } = appends;
  return [
    measurement({ ...at('records, chained, beside bare publishing'), value: chained, limit: bare }),
    measurement({ ...at('the same per CPU second'), value: chainedPerCpuSecond, limit: barePerCpuSecond }),
  ];
};

const GAP_GOAL = 100;

export const listenerRows = (listening: readonly Listening[], listeners: number): Measurement[] =>
  listening.flatMap(({ way, p50, p99, longest, cores }) => {
    const at = (engine: string, metric: string, unit: string) =>
      row(`${listeners} listeners`, engine, metric, unit);
    const engine = `${OURS}, ${way}`;
    return [
      measurement({ ...at(engine, 'gaps, p50', 'ms'), value: p50, ...lower }),
      measurement({ ...at(engine, 'gaps, p99', 'ms'), value: p99, goal: GAP_GOAL, ...lower }),
      measurement({ ...at(engine, 'gaps, longest', 'ms'), value: longest, ...lower }),
      ...Object.entries(cores).map(([process, value]) =>
        measurement({ ...at(process, `busy, ${way}`, 'cores'), value, ...lower }),
      ),
    ];
  });

const MEMORY_GOAL = 2;

export const memoryRows = (memory: readonly StreamMemory[]): Measurement[] =>
  memory.flatMap(({ kind, cryptoServer, gateway }) => [
    measurement({
      ...row('memory', 'crypto-server', `of each stream, ${kind}`, 'MB'),
      ...{ value: cryptoServer, goal: MEMORY_GOAL, ...lower },
    }),
    ...(kind.endsWith('HTTP')
      ? [
          measurement({
            ...row('memory', 'playback', `of each stream, ${kind}`, 'MB'),
            value: gateway,
            ...lower,
          }),
        ]
      : []),
  ]);

export const overloadRows = (overload: Overload): Measurement[] => {
  const at = (metric: string, unit: string) => row('overload', OURS, metric, unit);
  const { calmP50, calmP99, besideP50, besideP99, admitted, refused } = overload;
  return [
    measurement({
      ...at('first byte beside refusals, p50', 'ms'),
      value: besideP50,
      limit: calmP50,
      ...lower,
    }),
    measurement({
      ...at('first byte beside refusals, p99', 'ms'),
      value: besideP99,
      limit: calmP99,
      ...lower,
    }),
    measurement({ ...at('let in of who is too fast', '1/s'), value: admitted }),
    measurement({ ...at('refused', '1/s'), value: refused }),
  ];
};
