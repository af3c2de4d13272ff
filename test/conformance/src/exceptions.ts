import type { Exceptions } from './verdict.ts';
import { X509_EXCEPTIONS } from './x509/exceptions.ts';

/**
 * Where the product knowingly differs from outside vectors. Every row was reviewed: the id of the case as the runner
 * prints it, and why it stands. Of Wycheproof there is none.
 */
export const EXCEPTIONS: Exceptions = { ...X509_EXCEPTIONS };
