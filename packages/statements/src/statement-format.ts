/** What a statement of a kind has for `typ`. */
export const typOf = (type: string): string => `sealtrack-${type}+jws`;

/** Of a statement as text: an envelope for a hundred certificates fits, and so does it in a message of the bus. */
export const MAX_LENGTH = 768 * 1024;

export const LIFETIME_SECONDS = 60;
/** By which clocks may differ. */
export const LEEWAY_SECONDS = 30;
