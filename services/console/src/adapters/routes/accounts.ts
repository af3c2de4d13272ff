import type { FastifyRequest } from 'fastify';
import { z } from 'zod';
import type { Doer } from '../../account-records.ts';
import type { createChangeAccount } from '../../change-account.ts';
import type { createCreateAccount } from '../../create-account.ts';
import { shownAccount } from '../../domain/account.ts';
import { accountNotFound } from '../../domain/account-errors.ts';
import { isName } from '../../domain/names.ts';
import type { createInviteAccount } from '../../invite-account.ts';
import type { Accounts } from '../../ports.ts';
import type { createRemoveAccount } from '../../remove-account.ts';
import type { AskedByPerson, Handlers } from '../handler.ts';
import { readBody } from '../read-body.ts';

export interface AccountDeps {
  readonly accounts: Accounts;
  readonly create: ReturnType<typeof createCreateAccount>;
  readonly invite: ReturnType<typeof createInviteAccount>;
  readonly change: ReturnType<typeof createChangeAccount>;
  readonly remove: ReturnType<typeof createRemoveAccount>;
}

const groups = z.array(z.string().max(64)).max(64);
const newAccount = z.object({ name: z.string().max(64), groups });
const accountChange = z.object({ groups: groups.exactOptional(), disabled: z.boolean().exactOptional() });

/** Who may sign in, and as what. */
export function createAccountHandlers({ accounts, create, invite, change, remove }: AccountDeps): Handlers {
  return {
    'GET /accounts': async () => ({ accounts: (await accounts.all()).accounts.map(shownAccount) }),
    'POST /accounts': (asked) => create(readBody(asked.request, newAccount), doerOf(asked)),
    'PATCH /accounts/:name': (asked) =>
      change(nameOf(asked.request), readBody(asked.request, accountChange), doerOf(asked)),
    'POST /accounts/:name/invitation': (asked) => invite(nameOf(asked.request), doerOf(asked)),
    'DELETE /accounts/:name': async (asked) => {
      await remove(nameOf(asked.request), doerOf(asked));
      return {};
    },
  };
}

const doerOf = ({ person, client, traceparent }: AskedByPerson): Doer => ({
  by: person.user,
  ...{ client, traceparent },
});

function nameOf({ params }: FastifyRequest): string {
  const { name = '' } = params as { readonly name?: string };
  if (!isName(name)) throw accountNotFound();
  return name;
}
