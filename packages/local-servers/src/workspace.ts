import { resolve } from 'node:path';

/** The root of the repository, wherever the command was started. */
export const WORKSPACE: string = resolve(import.meta.dirname, '../../..');
