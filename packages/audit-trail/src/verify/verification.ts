import { EVENT_KINDS } from '@sealtrack/contracts/event-kinds';
import { AuditChainOpened, AuditCheckpoint } from '@sealtrack/contracts/gen/sealtrack/events/v1/audit_chain';
import { SUBJECTS } from '@sealtrack/contracts/subjects';
import { lowerCased, type Position, readPosition, type StoredRecord } from '../record.ts';
import { recordHash } from '../record-hash.ts';
import { SAYS, type Said, saidBy } from '../said.ts';
import { applyCheckpoint } from './apply-checkpoint.ts';
import { applyOpening } from './apply-opening.ts';
import type { Chain } from './chain-state.ts';
import { createChains } from './chains.ts';
import { closeGaps } from './close-gaps.ts';
import { judgeEnd } from './judge-end.ts';
import { type Judges, judgeStatement } from './judge-statement.ts';
import { closeHeads, placeRecord } from './place-record.ts';
import { chainText, createProblems, type Place } from './problems.ts';
import { type AuditReport, openChains } from './report.ts';
import { createSignatures } from './signatures.ts';

export interface Verification {
  /** The next record in the order of the stream. To be awaited where there is something to await. */
  add(record: StoredRecord): Promise<void> | undefined;
  /** After the last one, once. */
  finish(): AuditReport;
}

const MARKS = {
  [EVENT_KINDS.auditChainOpened.type]: { subject: SUBJECTS.auditChainOpened, kind: SAYS.opened },
  [EVENT_KINDS.auditCheckpoint.type]: { subject: SUBJECTS.auditCheckpoint, kind: SAYS.checkpoint },
} as const;

interface Mark {
  readonly kind: (typeof SAYS)[keyof typeof SAYS];
  readonly body: Readonly<Record<string, unknown>>;
  readonly said: Said;
}

/**
 * Checks a log record by record, as they lie on the stream. What it keeps does not grow with the records, but with the chains
 * (some hundred bytes each), and with what is wrong.
 *
 * It relies on the order in which records come, and on nothing that the broker says of them: a log that was copied to another
 * stream, or to a file, is the same log. That its first record has the number 1 is how it knows that nothing was before.
 */
export function createVerification(judges: Judges): Verification {
  const problems = createProblems();
  const signatures = createSignatures(judges.verifier !== undefined, problems);
  let beginsInMiddle = false;
  const chains = createChains(problems, () => beginsInMiddle);
  const seen = { records: 0, beforeChains: 0, chains: 0, checkpoints: 0, cutChains: 0 };
  let from: Place | undefined;
  let to: Place | undefined;
  let chainsFrom: Place | undefined;

  const chainOf = ({ chain, sequence }: Position, place: Place): Chain => {
    const known = chains.get(chain);
    if (known !== undefined) return known;
    seen.chains += 1;
    chainsFrom ??= place;
    if (sequence > 1 && beginsInMiddle) seen.cutChains += 1;
    return chains.open(chain, beginsInMiddle ? sequence : 1, place);
  };

  const applyMark = async (chain: Chain, mark: Mark, hash: string, place: Place): Promise<void> => {
    const number = chain.last;
    const judged = await judgeStatement(judges, mark.kind, mark.body.statement, mark.said);
    if (!signatures.count(judged, chain, number, place)) return;
    if (mark.kind === SAYS.opened)
      applyOpening(AuditChainOpened.fromJSON(mark.body), place, chains, problems);
    else {
      seen.checkpoints += 1;
      applyCheckpoint(chain, AuditCheckpoint.fromJSON(mark.body), place, chains, problems);
    }
    chains.note(chain.chain, number, hash, place);
  };

  return {
    add(record) {
      const { sequence, time } = record;
      const place = { sequence, time };
      seen.records += 1;
      if (from === undefined) beginsInMiddle = sequence > 1;
      from ??= place;
      to = place;
      const headers = lowerCased(record.headers);
      const position = readPosition(headers);
      if (position === undefined) {
        if (chainsFrom === undefined) seen.beforeChains += 1;
        else problems.add('unchained', place, 'A record of no chain, although there were chains already');
        return undefined;
      }
      if (position === 'malformed') {
        problems.add('malformed', place, 'A record that does not say in one way where it belongs');
        return undefined;
      }
      const mark = readMark(record, headers, position);
      const hash = recordHash(record, headers);
      const chain = chainOf(position, place);
      const isInPlace = placeRecord(chain, position, { hash, place, isMark: mark !== undefined }, problems);
      if (mark === 'malformed') {
        const text = `Record ${position.sequence} of ${chainText(chain.chain)} is not what an opening or a checkpoint is`;
        const { sequence: number } = position;
        problems.add('malformed', place, text, { chain: chain.chain, records: [number, number] });
        return undefined;
      }
      return mark === undefined || !isInPlace ? undefined : applyMark(chain, mark, hash, place);
    },
    finish() {
      for (const chain of chains.all()) {
        closeHeads(chain, problems);
        judgeEnd(chain, problems);
        if (chain.end === undefined && chain.witnessed !== undefined && chain.witnessed.number > chain.last)
          chain.gaps.push({
            ...{ from: chain.last + 1, to: chain.witnessed.number, lastHash: undefined },
            ...{ place: chain.witnessed.place, before: undefined, late: new Map() },
          });
        closeGaps(chain, problems);
      }
      if (to !== undefined) signatures.finish(to);
      const found = problems.count();
      return {
        ...{ ok: found === 0, ...seen, from, to, chainsFrom, beginsInMiddle },
        ...{ signatures: signatures.report(), open: openChains(chains.all()) },
        ...{ problems: problems.list(), found },
      };
    },
  };
}

/** Undefined for any other record. The first of a chain is an opening, and no other one is. */
function readMark(
  { subject, body }: StoredRecord,
  headers: ReadonlyMap<string, string>,
  { chain, sequence }: Position,
): Mark | 'malformed' | undefined {
  const type = headers.get('ce-type') ?? '';
  const mark = Object.hasOwn(MARKS, type) ? MARKS[type] : undefined;
  const isSubject = Object.values(MARKS).some((each) => each.subject === subject);
  if (mark === undefined && !isSubject && sequence > 1) return undefined;
  if (mark?.subject !== subject || (mark.kind === SAYS.opened) !== (sequence === 1)) return 'malformed';
  try {
    const json: unknown = JSON.parse(Buffer.from(body).toString());
    if (typeof json !== 'object' || json === null || Array.isArray(json)) return 'malformed';
    const fields = json as Record<string, unknown>;
    if (fields.chain !== chain) return 'malformed';
    const read = mark.kind === SAYS.opened ? AuditChainOpened.fromJSON(json) : AuditCheckpoint.fromJSON(json);
    return read.chain === chain
      ? { kind: mark.kind, body: fields, said: saidBy(headers, fields) }
      : 'malformed';
  } catch {
    return 'malformed';
  }
}
