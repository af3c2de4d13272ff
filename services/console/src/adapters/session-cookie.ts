import { randomBytes } from 'node:crypto';
import type { FastifyReply, FastifyRequest } from 'fastify';

/** Sent by browsers to this host alone, over HTTPS alone, and seen by no script (RFC 6265bis, 4.1.3.2). */
const NAME = '__Host-sealtrack';

const TOKEN = /^[\w-]{43}$/;

/** 256 random bits, base64url. */
export const newToken = (): string => randomBytes(32).toString('base64url');

export const isToken = (text: string): boolean => TOKEN.test(text);

/** The token of the session that a request says it belongs to. */
export function sessionTokenOf({ cookies }: FastifyRequest): string | undefined {
  const token = cookies[NAME];
  return token !== undefined && isToken(token) ? token : undefined;
}

const ATTRIBUTES = { httpOnly: true, secure: true, sameSite: 'strict', path: '/' } as const;

/** It is forgotten with the browser; how long it counts is kept in Redis. */
export const setSessionCookie = (reply: FastifyReply, token: string): void =>
  void reply.setCookie(NAME, token, ATTRIBUTES);

export const clearSessionCookie = (reply: FastifyReply): void => void reply.clearCookie(NAME, ATTRIBUTES);
