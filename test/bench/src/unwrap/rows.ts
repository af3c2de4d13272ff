import { median } from '../envelope/median.ts';
import { type Measurement, measurement } from '../report.ts';
import type { LoopDelay } from './loop-delay.ts';

export const CASES = ['one by one', 'batches of 64'] as const;
export type CaseName = (typeof CASES)[number];

interface Slice {
  /** Session keys a second. */
  readonly rate: number;
  /** Cores kept busy, by process. */
  readonly cores: Readonly<Record<string, number>>;
}

/** What was measured in one round at one size of key. */
export interface Round {
  readonly bare: readonly Slice[];
  readonly openssl: number;
  readonly sealtrack: readonly (Slice & { readonly name: CaseName; readonly loop: LoopDelay })[];
}

const perSecond = (slices: readonly Slice[]): number => median(slices.map(({ rate }) => rate));

/** What does not depend on how much of the processor others left. */
const perCpuSecond = (slices: readonly Slice[]): number =>
  median(slices.map(({ rate, cores }) => rate / Object.values(cores).reduce((sum, busy) => sum + busy, 0)));

/** Of the bare operation; at the smallest size a call of its own for each costs about as much as the operation. */
const goalOf = (bits: number, name: CaseName): number =>
  bits === 2048 && name === 'one by one' ? 0.5 : 0.85;
/** Milliseconds that the server's event loop may be held up. */
const LOOP_GOAL = 5;

export function rowsOf(bits: number, rounds: readonly Round[]): Measurement[] {
  const row = (name: string, engine: string, metric: string, unit: string) => ({
    bench: 'unwrap',
    case: `RSA ${bits}${name}`,
    engine,
    metric,
    unit,
  });
  const bare = rounds.flatMap((round) => round.bare);
  const openssl = median(rounds.map((round) => round.openssl));
  const ours = CASES.flatMap((name) => {
    const slices = rounds.flatMap(({ sealtrack }) => sealtrack.filter((slice) => slice.name === name));
    const value = perSecond(slices);
    const of = `, ${name}`;
    const unwraps = row(of, 'sealtrack', 'unwraps', '1/s');
    const processes = Object.keys(slices[0]?.cores ?? {});
    return [
      measurement({ ...unwraps, value, limit: perSecond(bare), goal: goalOf(bits, name) }),
      measurement({
        ...row(of, 'sealtrack', 'unwraps per CPU second, client and NATS included', '1/s'),
        value: perCpuSecond(slices),
        limit: perCpuSecond(bare),
      }),
      measurement({ ...unwraps, metric: 'unwraps beside openssl speed', value, limit: openssl }),
      measurement({
        ...row(of, 'sealtrack', 'event loop held up by itself', 'ms'),
        value: Math.max(...slices.map(({ loop }) => loop.busy)),
        goal: LOOP_GOAL,
        better: 'lower',
      }),
      measurement({
        ...row(of, 'sealtrack', 'event loop late, other processes included', 'ms'),
        value: Math.max(...slices.map(({ loop }) => loop.delay)),
        better: 'lower',
      }),
      ...processes.map((process) =>
        measurement({
          ...row(of, process, 'busy', 'cores'),
          value: median(slices.map(({ cores }) => cores[process] ?? 0)),
          better: 'lower',
        }),
      ),
    ];
  });
  return [
    measurement({ ...row('', 'bare privateDecrypt, 2 threads', 'unwraps', '1/s'), value: perSecond(bare) }),
    measurement({ ...row('', 'openssl speed -multi 2', 'private operations', '1/s'), value: openssl }),
    ...ours,
  ];
}
