import { actionsOf } from '@sealtrack/access/create-access';
import type { Command } from 'commander';
import { addPolicyOption, type PolicyOptions, readPolicy } from '../access/read-policy.ts';
import { example, type Wire } from '../command.ts';
import type { Context } from '../context.ts';
import { table } from '../output.ts';

export function addAccessShow(group: Command, wire: Wire): void {
  addPolicyOption(
    group
      .command('show')
      .description('Who may do what, grant by grant, with the actions of each role written out.'),
  )
    .addHelpText('after', example('sealtrack access show --policy policy.json --json'))
    .action(wire(show));
}

async function show(context: Context, options: PolicyOptions): Promise<void> {
  const { grants } = await readPolicy(context, options);
  const views = grants.map((grant) => ({
    who: grant.who,
    role: grant.role,
    tenants: grant.tenants,
    actions: actionsOf(grant),
  }));
  await context.out.list(views, (all) =>
    table(
      ['WHO', 'ROLE', 'TENANTS', 'MAY'],
      all.map(({ who, role, tenants, actions }) => [
        who.join(' '),
        role,
        tenants.map((tenant) => (tenant === '*' ? 'all' : tenant)).join(' '),
        actions.join(' '),
      ]),
    ),
  );
}
