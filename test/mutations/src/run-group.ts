import { GROUPS } from './all-targets.ts';
import { keptBy } from './hostile/memory.ts';
import { type Endings, runTarget } from './target.ts';

/** How many mutations of a target ended in which way, and what was held in memory longer than they lasted, in bytes. */
export interface TargetReport {
  readonly target: string;
  readonly endings: Endings;
  readonly kept: number;
}

/** `node --expose-gc run-group.ts tagged`: all targets of a group, one line of JSON for each. */
const [group = ''] = process.argv.slice(2);
const targetsOf = Object.entries(GROUPS).find(([name]) => name === group)?.[1];
if (targetsOf === undefined) throw new Error(`The groups are ${Object.keys(GROUPS)}`);
for (const target of await targetsOf()) {
  let endings: Endings = {};
  const kept = await keptBy(async () => {
    endings = await runTarget(target);
  });
  const report: TargetReport = { target: target.name, endings, kept };
  process.stdout.write(`${JSON.stringify(report)}\n`);
}
