import { ACTIONS, type Action } from '@sealtrack/access/access';
import { createAccess } from '@sealtrack/access/create-access';
import { ANONYMOUS } from '@sealtrack/access/policy';
import { hasCode } from '@sealtrack/errors/app-error';
import { type Command, Option } from 'commander';
import { addPolicyOption, type PolicyOptions, readPolicy } from '../access/read-policy.ts';
import { example, type Wire } from '../command.ts';
import type { Context } from '../context.ts';
import { ProblemsFound } from '../exit-codes.ts';
import { printable } from '../output.ts';

interface Options extends PolicyOptions {
  readonly as: readonly string[];
  readonly action: Action;
  readonly allTenants?: boolean;
}

export function addAccessCheck(group: Command, wire: Wire): void {
  addPolicyOption(
    group
      .command('check')
      .description('May somebody do something? Exit code 1 when not, and then it says what would allow it.')
      .requiredOption(
        '--as <name...>',
        `DNS names of the certificate; ${ANONYMOUS} for whoever shows none; or user:alice and group:…, of who signs in to the console`,
      )
      .addOption(new Option('--action <action>', 'what is to be done').choices(ACTIONS).makeOptionMandatory())
      .option('--all-tenants', 'for all tenants at once, which the seal and backups are about'),
  )
    .addHelpText(
      'after',
      example(
        'sealtrack access check --as player.acme.example --action media.play --tenant acme --policy policy.json',
      ),
    )
    .action(wire(check));
}

async function check(context: Context, options: Options): Promise<void> {
  const policy = await readPolicy(context, options);
  const tenant = options.allTenants === true ? undefined : context.tenantId;
  const names = options.as.filter((name) => name !== ANONYMOUS);
  const asked = { as: options.as, action: options.action, tenant: tenant ?? null };
  try {
    createAccess({ policy: () => policy, where: 'in the policy file' }).authorise(
      names,
      options.action,
      tenant,
    );
  } catch (error) {
    if (!hasCode(error, 'PERMISSION_DENIED')) throw error;
    const { message, fix } = error;
    await context.out.result(
      { ...asked, allowed: false, message, fix },
      () => `no: ${printable(message)}\nfix: ${fix}`,
    );
    throw new ProblemsFound(1);
  }
  await context.out.result({ ...asked, allowed: true }, () => 'yes');
}
