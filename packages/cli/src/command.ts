import type { Command } from 'commander';
import { type Context, createContext, type GlobalOptions } from './context.ts';
import type { Io } from './io.ts';

/** Turns a handler into a commander action: it gets a context, which is disposed when it is done. */
export type Wire = <Args extends unknown[]>(
  handler: (context: Context, ...args: Args) => Promise<void>,
) => (...args: [...Args, Command]) => Promise<void>;

export const wire =
  (io: Io): Wire =>
  <Args extends unknown[]>(handler: (context: Context, ...args: Args) => Promise<void>) =>
  async (...all: [...Args, Command]) => {
    // Commander puts the command itself behind the arguments and options.
    const command = all.at(-1) as Command;
    const args = all.slice(0, -1) as unknown[] as Args;
    await using context = createContext(command.optsWithGlobals<GlobalOptions>(), io);
    await handler(context, ...args);
  };

/** Every command's help ends with one. */
export const example = (...lines: readonly string[]): string =>
  `\nExample:\n${lines.map((line) => `  $ ${line}`).join('\n')}`;
