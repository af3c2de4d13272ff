import type { IncomingMessage } from 'node:http';

/** The headers for pages of other origins (https://fetch.spec.whatwg.org/#http-cors-protocol), of those that are allowed. */
export interface Cors {
  of(request: IncomingMessage): Record<string, string>;
  /** Of the question that a browser asks before; undefined where none is answered. */
  preflight(request: IncomingMessage): Record<string, string> | undefined;
}

const EXPOSED = 'Accept-Ranges, Content-Disposition, Content-Length, Content-Range, ETag, Retry-After';
const ASKED = 'Authorization, If-Match, If-None-Match, If-Range, Range, Traceparent';
const ASKED_AGAIN_AFTER_SECONDS = 600;

export function createCors(allowedOrigins: readonly string[]): Cors {
  const isAllowed = (origin: string | undefined): origin is string =>
    origin !== undefined && allowedOrigins.includes(origin);
  const common = (origin: string | undefined): Record<string, string> => ({
    ...(allowedOrigins.length === 0 ? {} : { vary: 'Origin' }),
    // No credentials: a ticket is one, and goes where the page puts it.
    ...(isAllowed(origin) ? { 'access-control-allow-origin': origin } : {}),
  });
  return {
    of: ({ headers: { origin } }) => ({
      ...common(origin),
      ...(isAllowed(origin) ? { 'access-control-expose-headers': EXPOSED } : {}),
    }),
    preflight({ headers: { origin, ...headers } }) {
      if (!isAllowed(origin) || headers['access-control-request-method'] === undefined) return undefined;
      return {
        ...common(origin),
        'access-control-allow-methods': 'GET, HEAD',
        'access-control-allow-headers': ASKED,
        'access-control-max-age': String(ASKED_AGAIN_AFTER_SECONDS),
      };
    },
  };
}
