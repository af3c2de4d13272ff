import type { AuditCheckpoint } from '@sealtrack/contracts/gen/sealtrack/events/v1/audit_chain';
import type { Chain } from './chain-state.ts';
import type { Chains } from './chains.ts';
import { sayChanged, settleSuspect } from './place-record.ts';
import { chainText, type Place, type Problems } from './problems.ts';

/** What a checkpoint says, which is the newest record of its chain. */
export function applyCheckpoint(
  chain: Chain,
  checkpoint: AuditCheckpoint,
  place: Place,
  chains: Chains,
  problems: Problems,
): void {
  const number = Number(checkpoint.sequence);
  const isClosing = checkpoint.closing && number === chain.last - 1;
  if (number >= chain.last || number <= chain.covered || checkpoint.closing !== isClosing) {
    const text = `Record ${chain.last} of ${chainText(chain.chain)} is a checkpoint for elsewhere`;
    problems.add('forged', place, text, { chain: chain.chain, records: [chain.last, chain.last] });
    return;
  }
  compare(chain, number, checkpoint.hash, problems);
  for (const [recent, { isMark }] of chain.recent) {
    if (recent > number) break;
    chain.recent.delete(recent);
    if (!isMark) chain.uncovered -= 1;
  }
  chain.covered = number;
  if (isClosing) chain.end = 'closed';
  if (checkpoint.witness !== undefined) chains.expect(checkpoint.witness, place);
}

function compare(chain: Chain, number: number, hash: string, problems: Problems): void {
  const record = chain.recent.get(number);
  if (record === undefined) return;
  const isSame = record.hash === hash;
  const { suspect } = chain;
  if (suspect?.number === number) settleSuspect(chain, isSame ? 'last' : 'before', problems);
  else if (!isSame)
    sayChanged(chain, number, record, problems, `, or one between it and record ${chain.covered},`);
}
