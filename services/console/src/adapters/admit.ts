import type { Access } from '@sealtrack/access/access';
import { may } from '@sealtrack/access/may';
import { AppError } from '@sealtrack/errors/app-error';
import { isTenantId } from '@sealtrack/ids/ids';
import type { FastifyRequest } from 'fastify';
import type { Needed } from '../api/routes.ts';
import { isCsrfToken } from '../domain/csrf-token.ts';
import { isFromConsole } from '../domain/same-origin.ts';
import type { Person } from '../person.ts';
import type { OpenSession } from '../ports.ts';
import { sessionTokenOf } from './session-cookie.ts';

export interface AdmitDeps {
  readonly access: Access;
  /** The session of a token, if it goes on. A request keeps it going, unless it was made by a page on its own. Errors: INDEX_UNAVAILABLE. */
  readonly findSession: (token: string, isActivity: boolean) => Promise<OpenSession | undefined>;
  /** Of the console, where it is known. */
  readonly origin: string | undefined;
}

/** @throws AppError SIGN_IN_NEEDED, PERMISSION_DENIED. */
export type Admit = (request: FastifyRequest, needed: Needed) => Promise<Person | undefined>;

/** A link of the identity provider's leads there. */
const FROM_ELSEWHERE = '/api/v1/oidc/callback';
/** What pages send with what they ask on their own, as to show the newest: nobody may be there. */
const BACKGROUND = 'x-background';

/** Change nothing. */
const READING = ['GET', 'HEAD'];

/** A stream of events is opened anew by browsers themselves, whenever it has ended. */
const isActivity = ({ headers }: FastifyRequest): boolean =>
  !(BACKGROUND in headers) && headers.accept !== 'text/event-stream';

/** Decides about a request before anything else of it is looked at, its body too. */
export function createAdmit({ access, findSession, origin }: AdmitDeps): Admit {
  return async (request, needed) => {
    checkOrigin(request, origin);
    const token = sessionTokenOf(request);
    const session = token === undefined ? undefined : await findSession(token, isActivity(request));
    if (needed === 'anybody') return session?.person;
    if (token === undefined || session === undefined) throw signInNeeded();
    if (!READING.includes(request.method) && !isCsrfToken(token, request.headers['x-csrf-token']?.toString()))
      throw csrfMissing();
    authorise(access, session.person, needed, request);
    return session.person;
  };
}

/** Whether a request would be let in still; for those that take long. */
export function authorise(access: Access, { names }: Person, needed: Needed, request: FastifyRequest): void {
  if (needed === 'anybody' || needed === 'signed-in') return;
  if ('all' in needed) {
    access.authorise(names, needed.all, undefined);
    return;
  }
  const tenant = tenantOf(request);
  const actions = typeof needed.tenant === 'string' ? [needed.tenant] : needed.tenant;
  const [first] = actions;
  if (first === undefined || actions.some((action) => may(access, names, action, tenant))) return;
  access.authorise(names, first, tenant);
}

function tenantOf({ params }: FastifyRequest): string {
  const { tenant } = params as { readonly tenant?: string };
  if (tenant !== undefined && isTenantId(tenant)) return tenant;
  throw new AppError('INVALID_ARGUMENT', 'That is not the id of a tenant', {
    fix: 'Tenants have ids of up to 63 small letters, digits and hyphens.',
    details: { field: 'tenant' },
  });
}

function checkOrigin(request: FastifyRequest, own: string | undefined): void {
  const { headers, method, routeOptions } = request;
  if (routeOptions.url === FROM_ELSEWHERE) return;
  const provenance = {
    secFetchSite: headers['sec-fetch-site']?.toString(),
    origin: READING.includes(method) ? undefined : headers.origin,
    host: headers.host,
  };
  if (isFromConsole(provenance, own)) return;
  throw new AppError('PERMISSION_DENIED', 'The request comes from a page that is not of the console', {
    fix: 'Open the console itself. Behind a proxy, SEALTRACK_PUBLIC_URL of the console has to be the address that browsers use.',
  });
}

const signInNeeded = (): AppError =>
  new AppError('SIGN_IN_NEEDED', 'This takes somebody who is signed in', {
    fix: 'Sign in: there was no session, or it has ended.',
  });

const csrfMissing = (): AppError =>
  new AppError('PERMISSION_DENIED', 'The request does not show that it comes from a page of this session', {
    fix: 'Send the csrfToken that GET /api/v1/session answers in the header x-csrf-token; in a browser, load the page anew.',
  });
