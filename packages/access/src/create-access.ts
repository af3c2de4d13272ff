import { AppError } from '@sealtrack/errors/app-error';
import { isTenantId } from '@sealtrack/ids/ids';
import { userOf } from '@sealtrack/ids/person-names';
import { ACTIONS, type Access, type Action, type AllowedActions } from './access.ts';
import { ANONYMOUS, EVERY_TENANT, type Grant, type Policy } from './policy.ts';
import { ROLES, rolesThatMay } from './roles.ts';

/** By whom a policy is asked. The policy is as it is at each question. */
export interface PolicySource {
  policy(): Policy;
  /** Where somebody is granted a role: "in the file of …", for the next step of whoever was refused. */
  readonly where: string;
}

export function createAccess({ policy, where }: PolicySource): Access {
  let indexed: { readonly of: Policy; readonly grants: ReadonlyMap<string, readonly Grant[]> } | undefined;
  const grantsOf = (names: readonly string[]): readonly Grant[] => {
    const current = policy();
    if (indexed?.of !== current) indexed = { of: current, grants: byName(current) };
    const { grants } = indexed;
    return namesOf(names).flatMap((name) => grants.get(name) ?? []);
  };
  return {
    authorise(names, action, tenantId) {
      if (!grantsOf(names).some((grant) => covers(grant, action, tenantId)))
        throw denied(names, action, tenantId, where);
    },
    actionsFor: (names) => allowedBy(grantsOf(names)),
  };
}

export const actionsOf = ({ role, actions }: Grant): readonly Action[] => actions ?? ROLES[role];

const covers = (grant: Grant, action: Action, tenantId: string | undefined): boolean =>
  (grant.tenants.includes(EVERY_TENANT) || (tenantId !== undefined && grant.tenants.includes(tenantId))) &&
  actionsOf(grant).includes(action);

function allowedBy(grants: readonly Grant[]): AllowedActions {
  const allowed = (tenantId: string | undefined) =>
    ACTIONS.filter((action) => grants.some((grant) => covers(grant, action, tenantId)));
  const named = new Set(grants.flatMap(({ tenants }) => tenants));
  named.delete(EVERY_TENANT);
  return {
    all: allowed(undefined),
    tenants: [...named].sort().map((tenantId) => ({ tenantId, actions: allowed(tenantId) })),
  };
}

/** Nobody is ANONYMOUS by a certificate that says so. */
const namesOf = (names: readonly string[]): readonly string[] =>
  names.length === 0
    ? [ANONYMOUS]
    : names.map((name) => name.toLowerCase()).filter((name) => name !== ANONYMOUS);

function byName({ grants }: Policy): ReadonlyMap<string, readonly Grant[]> {
  const found = new Map<string, Grant[]>();
  for (const grant of grants)
    for (const name of grant.who) found.set(name, [...(found.get(name) ?? []), grant]);
  return found;
}

/** It says what the caller lacks and nothing of what there is: whoever may not ask does not learn whether it exists. */
function denied(
  names: readonly string[],
  action: Action,
  tenantId: string | undefined,
  where: string,
): AppError {
  const roles = rolesThatMay(action)
    .join(', ')
    .replace(/, ([^,]+)$/, ' or $1');
  return new AppError(
    'PERMISSION_DENIED',
    `${describeCaller(names)} may not do ${action} for ${describeTenant(tenantId)}`,
    {
      fix: `This takes the role ${roles}: have it granted ${where}, or ${orElse(names)} (docs/access.md).`,
      details: { action, ...(tenantId !== undefined && isTenantId(tenantId) && { tenant: tenantId }) },
    },
  );
}

function orElse(names: readonly string[]): string {
  if (names.length === 0) return 'connect with a certificate that has it';
  return userOf(names) === undefined ? 'connect as somebody who has it' : 'sign in as somebody who has it';
}

/** Every development certificate has it, so it says nothing. */
const COMMON = 'localhost';
const NAMES_SHOWN = 3;

function describeCaller(names: readonly string[]): string {
  if (names.length === 0) return 'A caller without a certificate';
  const user = userOf(names);
  if (user !== undefined) return user;
  const shown = names.filter((name) => name !== COMMON);
  const more = shown.length > NAMES_SHOWN ? ' …' : '';
  return (shown.length === 0 ? names : shown.slice(0, NAMES_SHOWN)).join(', ') + more;
}

function describeTenant(tenantId: string | undefined): string {
  if (tenantId === undefined) return 'all tenants at once';
  return isTenantId(tenantId) ? `tenant ${tenantId}` : 'a tenant that there cannot be';
}
