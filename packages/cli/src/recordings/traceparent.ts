import { randomBytes } from 'node:crypto';

/** The start of a trace that is to be recorded (W3C Trace Context, version 00). */
export const newTraceparent = (): string =>
  `00-${randomBytes(16).toString('hex')}-${randomBytes(8).toString('hex')}-01`;
