import { randomBytes } from 'node:crypto';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { AppError } from '@sealtrack/errors/app-error';
import { WORKSPACE } from '../workspace.ts';

export const USAGE = `Usage: npm run demo -- [--file FILE] [--out DIR]

Runs one recording through a whole system, with throwaway keys, and compares what comes back.

  --file FILE  your own recording, of any type and size (default: a generated call of 60 s)
  --out DIR    where to leave the results (default: demo-output/<time>)

Example:
  $ npm run demo -- --file call.wav --out result
`;

export interface DemoOptions {
  readonly file: string | undefined;
  readonly out: string;
  /** Everything the demo needs while it runs. */
  readonly dataDir: string;
}

/** Undefined when help was asked for. Throws INVALID_ARGUMENT. */
export function parseDemoOptions(
  args: readonly string[],
  env: NodeJS.ProcessEnv,
  now: Date,
): DemoOptions | undefined {
  const { file, out, help } = parse(args);
  if (help === true) return undefined;
  // npm moves to the root of the workspace, and says where the user was.
  const cwd = env.INIT_CWD ?? process.cwd();
  const time = now.toISOString().slice(0, 19).replaceAll(':', '').replace('T', '-');
  return {
    file: file === undefined ? undefined : resolve(cwd, file),
    out: resolve(cwd, out ?? join('demo-output', time)),
    dataDir: join(WORKSPACE, '.data', `demo-${randomBytes(4).toString('hex')}`),
  };
}

function parse(args: readonly string[]) {
  try {
    const options = { file: { type: 'string' }, out: { type: 'string' }, help: { type: 'boolean' } } as const;
    return parseArgs({ args: [...args], options }).values;
  } catch (cause) {
    const message = cause instanceof Error ? (cause.message.split('. ')[0] ?? '') : 'An option is malformed';
    throw new AppError('INVALID_ARGUMENT', message, { fix: 'See npm run demo -- --help', cause });
  }
}
