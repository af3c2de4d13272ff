import type { Command } from 'commander';
import { example, type Wire } from '../command.ts';
import type { Context } from '../context.ts';
import { checkBus } from '../doctor/check-bus.ts';
import { checkCertificates } from '../doctor/check-certificates.ts';
import { checkConnections } from '../doctor/check-connections.ts';
import { checkProfiles } from '../doctor/check-profiles.ts';
import { checkQuarantine } from '../doctor/check-quarantine.ts';
import { checkRuntime } from '../doctor/check-runtime.ts';
import { checkSeal } from '../doctor/check-seal.ts';
import { checkServices } from '../doctor/check-services.ts';
import type { Finding } from '../doctor/finding.ts';
import { ProblemsFound } from '../exit-codes.ts';
import { printable } from '../output.ts';

export function addDoctor(program: Command, wire: Wire): void {
  program
    .command('doctor')
    .description('Is everything well, and if not, what to do? Exit code 1 when something is wrong.')
    .addHelpText('after', example('sealtrack doctor'))
    .action(wire(doctor));
}

const MARKS = { ok: 'ok   ', warning: 'note ', problem: 'WRONG' } as const;

async function doctor(context: Context): Promise<void> {
  const groups = await Promise.all([
    checkRuntime(),
    checkServices(context),
    checkSeal(context),
    checkCertificates(context),
    checkProfiles(context),
    checkQuarantine(context),
    checkBus(context),
    checkConnections(context),
  ]);
  const findings = groups.flat();
  await context.out.list(findings, (all) => all.map(describe).join('\n'));
  const problems = findings.filter(({ state }) => state === 'problem').length;
  if (problems > 0) throw new ProblemsFound(problems);
}

const describe = ({ state, what, facts, fix }: Finding): string =>
  `${MARKS[state]}  ${what}: ${printable(facts)}${fix === undefined ? '' : `\n       fix: ${printable(fix)}`}`;
