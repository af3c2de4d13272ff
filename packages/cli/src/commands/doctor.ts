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
import { describeFinding } from '../doctor/finding.ts';
import { ProblemsFound } from '../exit-codes.ts';

export function addDoctor(program: Command, wire: Wire): void {
  program
    .command('doctor')
    .description('Is everything well, and if not, what to do? Exit code 1 when something is wrong.')
    .addHelpText('after', example('sealtrack doctor'))
    .action(wire(doctor));
}

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
  await context.out.list(findings, (all) => all.map(describeFinding).join('\n'));
  const problems = findings.filter(({ state }) => state === 'problem').length;
  if (problems > 0) throw new ProblemsFound(problems);
}
