/** Whom a ticket is for (RFC 7519, 4.1.3). */
export const AUDIENCE = 'sealtrack';

/** What a ticket may call itself: RFC 8725, 3.11, and what libraries write who are not told. */
export const TYPE = 'sealtrack-ticket+jwt';
export const TYPES: readonly string[] = [TYPE, 'jwt', ''];

/** Of a ticket as text: it has to fit in an address. */
export const MAX_LENGTH = 4096;

/** By which the clocks of issuers and crypto servers may differ. */
export const LEEWAY_SECONDS = 30;
