import { AppError } from '@sealtrack/errors/app-error';
import { isTenantId } from '@sealtrack/ids/ids';
import { isPersonName } from '@sealtrack/ids/person-names';
import { parseJsonObject } from '@sealtrack/jose/strict-json';
import { z } from 'zod';
import { ACTIONS, type Action } from './access.ts';
import { ROLE_NAMES, ROLES, type Role } from './roles.ts';

/** Somebody's role for some tenants. */
export interface Grant {
  /** DNS names of certificates in lower case, people and their groups (user:alice, group:administrators), or ANONYMOUS. */
  readonly who: readonly string[];
  readonly role: Role;
  /** Ids, or EVERY_TENANT. */
  readonly tenants: readonly string[];
  /** Of the role's; all of them when left out. */
  readonly actions?: readonly Action[] | undefined;
}

export interface Policy {
  readonly version: 1;
  readonly grants: readonly Grant[];
}

/** Whoever shows no certificate: everybody in plaintext. No certificate has this name. */
export const ANONYMOUS = 'anonymous';
export const EVERY_TENANT = '*';

const DNS_NAME = /^(?!-)[a-z0-9_-]{1,63}(?<!-)(\.(?!-)[a-z0-9_-]{1,63}(?<!-))*$/;

const who = z
  .string('is no text')
  .max(253)
  .transform((name) => name.toLowerCase())
  .refine(
    (name) => DNS_NAME.test(name) || isPersonName(name),
    'is not the DNS name of a certificate, whole and without a wildcard, nor user:… or group:… of who signs in to the console, nor anonymous',
  )
  .refine((name) => name !== 'localhost', 'is in the certificate of everybody on a development machine');

const tenant = z
  .string('is no text')
  .refine(
    (id) => id === EVERY_TENANT || isTenantId(id),
    'is neither the id of a tenant nor *, for all of them',
  );

const someOf = <T extends z.ZodType>(type: T) =>
  z.array(type, 'is no list of at least one').min(1, 'is no list of at least one');

const grant = z
  .strictObject({
    who: someOf(who),
    role: z.enum(ROLE_NAMES, `is none of ${ROLE_NAMES.join(', ')}`),
    tenants: someOf(tenant),
    actions: someOf(z.enum(ACTIONS, `is none of ${ACTIONS.join(', ')}`)).optional(),
  })
  .superRefine(({ role, actions = [] }, context) => {
    const has: readonly Action[] = ROLES[role];
    for (const action of actions)
      if (!has.includes(action))
        context.addIssue({
          code: 'custom',
          path: ['actions'],
          message: `${action} is not of the role ${role}, which has ${has.join(', ')}`,
        });
  });

const policy = z.strictObject({
  version: z.literal(1, 'is not 1, the version that this program reads'),
  grants: z.array(grant, 'is no list'),
});

/**
 * @param file the policy as JSON in UTF-8.
 * @throws AppError CONFIG_INVALID with what is wrong in its details, by where it is: {"grants.0.role": "is none of …"}.
 */
export function parsePolicy(file: Uint8Array): Policy {
  const result = policy.safeParse(parseJson(file));
  if (result.success) return result.data;
  throw invalid(result.error.issues.map(({ path, message }) => [path.join('.') || 'policy', message]));
}

function parseJson(file: Uint8Array): unknown {
  let said: unknown;
  try {
    said = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(file));
  } catch (cause) {
    const why = cause instanceof SyntaxError ? cause.message : 'it is not in UTF-8';
    throw invalid([['policy', `is no JSON: ${why}`]], cause);
  }
  // The last one would count, without a word of the grants before it.
  if (parseJsonObject(Buffer.from(file)) === undefined)
    throw invalid([['policy', 'is no JSON object, or has a name twice, of which only one could count']]);
  return said;
}

/** More than that nobody mends at once. */
const PROBLEMS_SHOWN = 20;

const invalid = (problems: readonly (readonly [string, string])[], cause?: unknown): AppError =>
  new AppError('CONFIG_INVALID', 'The access policy is not valid', {
    fix: 'Mend what is named; docs/access.md has the format, and deploy/access-policy.json is one to begin with.',
    details: Object.fromEntries(problems.slice(0, PROBLEMS_SHOWN)),
    ...(cause === undefined ? {} : { cause }),
  });
