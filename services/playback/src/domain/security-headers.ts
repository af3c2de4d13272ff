const ALWAYS = {
  // Nobody keeps a recording but who is allowed to, each time.
  'cache-control': 'no-store',
  'x-content-type-options': 'nosniff',
  // What is opened as a page of its own may do nothing but show itself: it asks for its own address again, and no script runs.
  'content-security-policy':
    "sandbox allow-same-origin; default-src 'none'; media-src 'self'; img-src 'self'; frame-ancestors 'self'",
  // The address has the ticket in it.
  'referrer-policy': 'no-referrer',
  // Pages of other sites may embed it, with a ticket. To read it, their scripts need CORS.
  'cross-origin-resource-policy': 'cross-origin',
} as const;

const HTTPS_ONLY = { 'strict-transport-security': 'max-age=31536000' } as const;

/** Of every response. */
export const securityHeaders = (isTls: boolean): Readonly<Record<string, string>> =>
  isTls ? { ...ALWAYS, ...HTTPS_ONLY } : ALWAYS;
