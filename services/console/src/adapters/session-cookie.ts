import type { FastifyReply, FastifyRequest } from 'fastify';

/*
 * __Host- means: sent by browsers to this host alone, over HTTPS alone, and set by it alone (RFC 6265bis, 4.1.3.2). No script sees
 * them. Pages of other sites do not send them, links from there neither: the pages need none, and ask for what is theirs themselves.
 */

const SESSION = '__Host-sealtrack';
/** Of a sign-in at the provider, which comes back by a link of another site. */
const PENDING = '__Host-sealtrack-sign-in';
/** That somebody has signed in here before. */
const BROWSER = '__Host-sealtrack-browser';

const COMMON = { httpOnly: true, secure: true, path: '/' } as const;
const STRICT = { ...COMMON, sameSite: 'strict' } as const;
const LAX = { ...COMMON, sameSite: 'lax' } as const;
const PENDING_SECONDS = 600;
const BROWSER_SECONDS = 90 * 24 * 3_600;

/** 256 bits, base64url. */
const TOKEN = /^[\w-]{43}$/;
const tokenIn = ({ cookies }: FastifyRequest, name: string): string | undefined => {
  const token = cookies[name];
  return token !== undefined && TOKEN.test(token) ? token : undefined;
};

export const isToken = (text: string): boolean => TOKEN.test(text);

/** The token of the session that a request says it belongs to. */
export const sessionTokenOf = (request: FastifyRequest): string | undefined => tokenIn(request, SESSION);
export const pendingTokenOf = (request: FastifyRequest): string | undefined => tokenIn(request, PENDING);
export const browserTokenOf = (request: FastifyRequest): string | undefined => tokenIn(request, BROWSER);

/** Forgotten with the browser; how long it counts is kept in Redis. */
export const setSessionCookie = (reply: FastifyReply, token: string): void =>
  void reply.setCookie(SESSION, token, STRICT);
export const clearSessionCookie = (reply: FastifyReply): void => void reply.clearCookie(SESSION, STRICT);

export const setPendingCookie = (reply: FastifyReply, token: string): void =>
  void reply.setCookie(PENDING, token, { ...LAX, maxAge: PENDING_SECONDS });
export const clearPendingCookie = (reply: FastifyReply): void => void reply.clearCookie(PENDING, LAX);

export const setBrowserCookie = (reply: FastifyReply, token: string): void =>
  void reply.setCookie(BROWSER, token, { ...STRICT, maxAge: BROWSER_SECONDS });
