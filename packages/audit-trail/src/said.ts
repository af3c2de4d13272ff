import { isDeepStrictEqual } from 'node:util';
import { POSITION_HEADERS } from './record.ts';

/** Kinds of statements. */
export const SAYS = { opened: 'audit-chain-opened', checkpoint: 'audit-checkpoint' } as const;

/** What the statement in an opening or a checkpoint signs: all that the record says, but for its place and the statement itself. */
export interface Said extends Readonly<Record<string, unknown>> {
  /** By lower-case name. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Readonly<Record<string, unknown>>;
}

export function saidBy(headers: ReadonlyMap<string, string>, body: Readonly<Record<string, unknown>>): Said {
  const { statement: _, ...rest } = body;
  const counted = [...headers].filter(
    ([name]) => !name.startsWith('nats-') && !POSITION_HEADERS.includes(name),
  );
  return { headers: Object.fromEntries(counted), body: rest };
}

export const saysTheSame = (claims: Readonly<Record<string, unknown>>, said: Said): boolean =>
  isDeepStrictEqual(claims, { headers: said.headers, body: said.body });
