import type { Context } from './context.ts';
import { printable, toJson, write } from './output.ts';

/** Something to know that is neither the result nor an error: a line on standard error. */
export const note = (context: Pick<Context, 'io' | 'out'>, text: string): Promise<void> =>
  write(context.io.stderr, `${context.out.json ? toJson({ note: text }) : printable(text)}\n`);
