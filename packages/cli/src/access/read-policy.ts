import { resolve } from 'node:path';
import { BUILT_IN_POLICY } from '@sealtrack/access/built-in-policy';
import { type Policy, parsePolicy } from '@sealtrack/access/policy';
import { AppError, hasCode } from '@sealtrack/errors/app-error';
import type { Command } from 'commander';
import type { Context } from '../context.ts';
import { readSmallFile } from '../files.ts';
import { note } from '../note.ts';

const ENV = 'SEALTRACK_ACCESS_POLICY';
/** As much as services read. */
const MAX_BYTES = 16 * 1024 * 1024;

export interface PolicyOptions {
  readonly policy?: string;
}

export const addPolicyOption = (command: Command): Command =>
  command.option(
    '--policy <file>',
    `the policy file (env ${ENV}; default: the policy of services without one)`,
  );

/** Throws INVALID_ARGUMENT when it cannot be read, and CONFIG_INVALID, with what is wrong, when it is none. */
export async function readPolicy(context: Context, options: PolicyOptions): Promise<Policy> {
  const { io } = context;
  const file = options.policy || io.env[ENV];
  if (!file) {
    await note(context, 'the built-in policy, which counts where there is no policy file');
    return BUILT_IN_POLICY;
  }
  const path = resolve(io.cwd, file);
  const content = await readSmallFile(path, MAX_BYTES);
  try {
    return parsePolicy(content);
  } catch (error) {
    if (!hasCode(error, 'CONFIG_INVALID')) throw error;
    const problems = Object.entries(error.details).map(([where, problem]) => `${where} ${problem}`);
    throw new AppError('CONFIG_INVALID', `${path} is no policy: ${problems.join('; ')}`, {
      fix: error.fix,
      details: error.details,
    });
  }
}
