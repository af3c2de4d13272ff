import { AppError, toAppError } from '@sealtrack/errors/app-error';
import type { Log } from '@sealtrack/service-kit/logger';
import type { FastifyReply } from 'fastify';
import type { createBeginProviderSignIn } from '../../begin-provider-sign-in.ts';
import { isOwnPath } from '../../domain/own-path.ts';
import type { FinishProviderSignIn } from '../../finish-provider-sign-in.ts';
import type { Sessions } from '../../ports.ts';
import type { Asked, Handlers } from '../handler.ts';
import { clearPendingCookie, pendingTokenOf, setPendingCookie, setSessionCookie } from '../session-cookie.ts';
import { endSessionOf } from './session.ts';

export interface ProviderDeps {
  /** Undefined without a provider. */
  readonly begin: ReturnType<typeof createBeginProviderSignIn> | undefined;
  readonly finish: FinishProviderSignIn | undefined;
  readonly sessions: Sessions;
  /** https://console.example. */
  readonly origin: () => string;
  readonly log: Log;
}

/** Signing in at the identity provider. A browser goes there and comes back: what fails is said by the sign-in page. */
export function createProviderHandlers({ begin, finish, sessions, origin, log }: ProviderDeps): Handlers {
  const orSay = async (asked: Asked, reply: FastifyReply, work: () => Promise<string>) => {
    try {
      return reply.redirect(await work(), 303);
    } catch (err) {
      const { code } = toAppError(err);
      log.warn(
        { err, client: asked.client, traceparent: asked.traceparent },
        'a sign-in at the provider failed',
      );
      return reply.redirect(`/sign-in?problem=${code}`, 303);
    }
  };
  return {
    'GET /oidc/start': async (asked, reply) =>
      orSay(asked, reply, async () => {
        if (begin === undefined) throw noProvider();
        const { to } = asked.request.query as { readonly to?: unknown };
        const path = typeof to === 'string' && isOwnPath(to) ? to : '/';
        const { address, token } = await begin(path, asked.client);
        setPendingCookie(reply, token);
        return address;
      }),
    'GET /oidc/callback': async (asked, reply) =>
      orSay(asked, reply, async () => {
        const { request, client, traceparent } = asked;
        if (finish === undefined) throw noProvider();
        const address = `${origin()}${request.url}`;
        const token = pendingTokenOf(request);
        clearPendingCookie(reply);
        const { session, to } = await finish({ address, token, client, traceparent });
        await endSessionOf(request, sessions);
        setSessionCookie(reply, session.token);
        return to;
      }),
  };
}

const noProvider = (): AppError =>
  new AppError('OBJECT_NOT_FOUND', 'There is no identity provider', {
    fix: 'Sign in with an account of the console, or set SEALTRACK_OIDC_ISSUER.',
  });
