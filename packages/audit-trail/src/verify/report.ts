import type { Chain } from './chain-state.ts';
import type { Place, Problem } from './problems.ts';

/** What was found, and what could not be judged. */
export interface AuditReport {
  /** Nothing is wrong with what could be judged. */
  readonly ok: boolean;
  readonly records: number;
  readonly from: Place | undefined;
  readonly to: Place | undefined;
  /** From where on records are in chains, and how many were before. */
  readonly chainsFrom: Place | undefined;
  readonly beforeChains: number;
  readonly chains: number;
  readonly checkpoints: number;
  /** The log does not begin with the first record that there was: what was before cannot be judged. */
  readonly beginsInMiddle: boolean;
  /** Chains that it begins in the middle of. */
  readonly cutChains: number;
  readonly signatures: Signatures;
  /** Chains without their end: of a process that runs, or was killed. */
  readonly open: readonly OpenChain[];
  readonly problems: readonly Problem[];
  /** Of problems; more than are listed when there are very many. */
  readonly found: number;
}

export interface Signatures {
  readonly judged: boolean;
  /** Openings and checkpoints that each has signed. */
  readonly signers: Readonly<Record<string, number>>;
  /** Those from before the first that is signed, or all where none was judged. */
  readonly unsigned: number;
}

export interface OpenChain {
  readonly chain: string;
  readonly records: number;
  readonly newest: Date;
  /** Records at its end, since its last checkpoint: they could be cut off without a trace. */
  readonly uncovered: number;
}

export const openChains = (chains: Iterable<Chain>): OpenChain[] =>
  [...chains]
    .filter(({ end }) => end === undefined)
    .map(({ chain, first, last, newest, uncovered }) => ({
      ...{ chain, records: last - first + 1, newest: newest.time, uncovered },
    }));
