/** Of every response with media of recordings. */
export const MEDIA_SECURITY_HEADERS = {
  // Nobody keeps a recording but who is allowed to, each time.
  'cache-control': 'no-store',
  'x-content-type-options': 'nosniff',
  // What is opened as a page of its own may do nothing but show itself: it asks for its own address again, and no script runs.
  'content-security-policy':
    "sandbox allow-same-origin; default-src 'none'; media-src 'self'; img-src 'self'; frame-ancestors 'self'",
  // The address may have a ticket in it.
  'referrer-policy': 'no-referrer',
} as const;

/** That browsers come by HTTPS only, once they have. */
export const HTTPS_ONLY = { 'strict-transport-security': 'max-age=31536000' } as const;
