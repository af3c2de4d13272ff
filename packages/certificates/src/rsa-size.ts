/** RSA moduli in use here, in bits: below is breakable, above costs seconds per recording. */
export const MIN_RSA_BITS = 2048;
export const MAX_RSA_BITS = 8192;
/** What was good enough once, and only decrypts what was recorded then. */
export const MIN_OLD_RSA_BITS = 1024;
