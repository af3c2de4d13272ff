import { AppError } from '@sealtrack/errors/app-error';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import type { AcceptInvitation } from '../../accept-invitation.ts';
import type { Session, SignIn } from '../../api/session.ts';
import type { ChangePassword } from '../../change-password.ts';
import type { DescribeSession, SessionCall } from '../../describe-session.ts';
import type { NewSession } from '../../open-session.ts';
import type { OpenSession, Sessions } from '../../ports.ts';
import type { SetUp } from '../../set-up.ts';
import type { SignIn as SignInWithPassword } from '../../sign-in.ts';
import type { createSignOut } from '../../sign-out.ts';
import type { Asked, Handlers } from '../handler.ts';
import { readBody } from '../read-body.ts';
import {
  browserTokenOf,
  clearSessionCookie,
  isToken,
  sessionTokenOf,
  setBrowserCookie,
  setSessionCookie,
} from '../session-cookie.ts';

export interface SessionDeps {
  readonly sessions: Sessions;
  readonly signIn: SignInWithPassword;
  readonly signOut: ReturnType<typeof createSignOut>;
  readonly changePassword: ChangePassword;
  readonly setUp: SetUp;
  readonly acceptInvitation: AcceptInvitation;
  readonly describe: DescribeSession;
  /** What the identity provider is called. */
  readonly provider: string | undefined;
  readonly isSetUp: () => Promise<boolean>;
}

// Longer ones are nobody's, and take time to hash.
const password = z.string().min(1, 'is empty').max(1_024, 'is longer than any password');
const name = z.string().max(256, 'is longer than any name');
const token = z.string().refine(isToken, 'is not of a link');
const signInBody = z.object({ name, password });
const linkBody = z.object({ token, name: name.optional(), password });
const passwordBody = z.object({ current: password, next: password });

/** Signing in and out with what the console keeps itself. */
export function createSessionHandlers(deps: SessionDeps): Handlers {
  const { sessions, describe } = deps;
  const callOf = ({ signal, traceparent }: Asked): SessionCall => ({ signal, traceparent });
  /** Another session from here on, and the one that the browser had before no more: nobody else can have known this one. */
  const take = async (asked: Asked, reply: FastifyReply, session: NewSession): Promise<Session> => {
    await endSessionOf(asked.request, sessions);
    setSessionCookie(reply, session.token);
    return describe(session, callOf(asked));
  };
  return {
    'GET /session': async (asked): Promise<Session | SignIn> => {
      const { token, session } = await sessionOf(asked.request, sessions);
      if (token !== undefined && session !== undefined) return describe({ token, ...session }, callOf(asked));
      return { user: null, provider: deps.provider ?? null, setupNeeded: !(await deps.isSetUp()) };
    },
    'POST /session': async (asked, reply) => {
      const { request, client, traceparent } = asked;
      const browser = browserTokenOf(request);
      const given = readBody(request, signInBody);
      const session = await deps.signIn({ ...given, browser, client, traceparent });
      setBrowserCookie(reply, session.browser);
      return take(asked, reply, session);
    },
    'DELETE /session': async ({ request, person, client, traceparent }, reply) => {
      const token = sessionTokenOf(request);
      if (token !== undefined) await deps.signOut({ token, person, client, traceparent });
      clearSessionCookie(reply);
      // Nothing of what was shown stays in the browser.
      reply.header('clear-site-data', '"cache"');
      return {};
    },
    'PUT /session/password': async (asked, reply) => {
      const { request, person, client, traceparent } = asked;
      const browser = browserTokenOf(request);
      const given = readBody(request, passwordBody);
      const session = await deps.changePassword({ ...given, person, browser, client, traceparent });
      return take(asked, reply, session);
    },
    'POST /setup': async (asked, reply) => {
      const { request, client, traceparent } = asked;
      const { name: wanted, ...given } = readBody(request, linkBody);
      if (wanted === undefined) throw nameMissing();
      return take(asked, reply, await deps.setUp({ ...given, name: wanted, client, traceparent }));
    },
    'POST /invitation': async (asked, reply) => {
      const { request, client, traceparent } = asked;
      const { token, password } = readBody(request, linkBody);
      return take(asked, reply, await deps.acceptInvitation({ token, password, client, traceparent }));
    },
  };
}

export async function endSessionOf(request: FastifyRequest, sessions: Sessions): Promise<void> {
  const before = sessionTokenOf(request);
  if (before !== undefined) await sessions.end(before);
}

async function sessionOf(
  request: FastifyRequest,
  sessions: Sessions,
): Promise<{ readonly token: string | undefined; readonly session: OpenSession | undefined }> {
  const token = sessionTokenOf(request);
  // It was kept going when the request was let in.
  return { token, session: token === undefined ? undefined : await sessions.find(token, false) };
}

const nameMissing = (): AppError =>
  new AppError('INVALID_ARGUMENT', 'The first account has to be called something', {
    fix: 'Send its name.',
    details: { field: 'name' },
  });
