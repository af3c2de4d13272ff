/** A message of the stream AUDIT. */
export interface AuditRecord {
  readonly subject: string;
  /** By name, in any case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
}

/** As it lies there. */
export interface StoredRecord extends AuditRecord {
  /** Its number on the stream: for people to find it by, and not what verification rests on. */
  readonly sequence: number;
  /** When the stream got it, by the broker's clock. */
  readonly time: Date;
}

/** Where a record stands in its chain. */
export interface Position {
  readonly chain: string;
  /** 1 is the opening. */
  readonly sequence: number;
  /** SHA-256 of the record before, lower-case hex; zeros of an opening. */
  readonly previous: string;
}

export const NO_PREVIOUS = '0'.repeat(64);

const CHAIN = 'ce-chain';
const SEQUENCE = 'ce-chainsequence';
const PREVIOUS = 'ce-chainprevious';
export const POSITION_HEADERS: readonly string[] = [CHAIN, SEQUENCE, PREVIOUS];
const MESSAGE_ID = 'nats-msg-id';

export const positionHeaders = ({ chain, sequence, previous }: Position): Record<string, string> => ({
  [CHAIN]: chain,
  [SEQUENCE]: String(sequence),
  [PREVIOUS]: previous,
});

/** By which the stream knows a record that it has already. */
export const messageIdOf = ({ chain, sequence }: Pick<Position, 'chain' | 'sequence'>): string =>
  `${chain}.${sequence}`;

/** Header values by lower-case name. Of a name that is there in several cases all count, so that none can hide another. */
export function lowerCased(headers: AuditRecord['headers']): Map<string, string> {
  const lower = new Map<string, string>();
  for (const [name, value] of Object.entries(headers)) {
    const key = name.toLowerCase();
    const before = lower.get(key);
    lower.set(key, before === undefined ? value : `${before}\n${value}`);
  }
  return lower;
}

/** Undefined for a record of no chain; 'malformed' for one that says so, and cannot be understood. */
export function readPosition(headers: ReadonlyMap<string, string>): Position | 'malformed' | undefined {
  const [chain, sequence, previous] = [headers.get(CHAIN), headers.get(SEQUENCE), headers.get(PREVIOUS)];
  if (chain === undefined && sequence === undefined && previous === undefined) return undefined;
  if (!/^[0-9a-f]{32}$/.test(chain ?? '') || !/^[0-9a-f]{64}$/.test(previous ?? '')) return 'malformed';
  if (!/^[1-9]\d{0,14}$/.test(sequence ?? '')) return 'malformed';
  const position = { chain: chain ?? '', sequence: Number(sequence), previous: previous ?? '' };
  const id = headers.get(MESSAGE_ID);
  // Whoever copies a stream elsewhere may leave the broker's own headers out.
  if (id !== undefined && id !== messageIdOf(position)) return 'malformed';
  return (position.sequence === 1) === (position.previous === NO_PREVIOUS) ? position : 'malformed';
}
