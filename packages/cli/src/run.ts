import { AppError, toAppError } from '@sealtrack/errors/app-error';
import { type Command, CommanderError } from 'commander';
import { EXIT, exitCodeOf, ProblemsFound } from './exit-codes.ts';
import { Interrupted, type Io } from './io.ts';
import { errorText } from './output.ts';
import { createProgram } from './program.ts';

/** Runs one command line and resolves to its exit code. Never throws: what went wrong was said on stderr. */
export async function run(args: readonly string[], io: Io): Promise<number> {
  const json = args.includes('--json');
  const program = createProgram(io);
  try {
    await program.parseAsync([...args], { from: 'user' });
    return EXIT.ok;
  } catch (error) {
    // Ctrl-C at a question is a key, and no signal.
    if (error instanceof Interrupted) return error.exitCode;
    // Whatever else an interruption breaks, it is the reason.
    if (io.signal.aborted && io.signal.reason instanceof Interrupted) return io.signal.reason.exitCode;
    if (error instanceof ProblemsFound) return EXIT.failed;
    const failure = error instanceof CommanderError ? usageError(error, program, args) : error;
    if (failure === undefined) return EXIT.ok;
    const shown = failure instanceof AppError ? failure : unexpected(failure);
    io.stderr.write(errorText(shown, json));
    if (args.includes('--debug')) io.stderr.write(causes(failure));
    return exitCodeOf(shown);
  }
}

/** Undefined for what commander throws after it has printed help or the version as asked. */
function usageError(error: CommanderError, program: Command, args: readonly string[]): AppError | undefined {
  if (error.exitCode === 0) return undefined;
  // Commander prints a group's help instead of an error when its subcommand is missing.
  const missing = error.code === 'commander.help';
  const message = missing ? 'Which command?' : error.message.replace(/^error: /, '').replaceAll('\n', ' ');
  return new AppError('INVALID_ARGUMENT', message, {
    fix: `See what it takes: ${[...commandWords(program, args), '--help'].join(' ')}`,
  });
}

/** As far as the command line names commands that there are: "sealtrack recordings put". */
function commandWords(program: Command, args: readonly string[]): string[] {
  const words = [program.name()];
  let at = program;
  for (const arg of args) {
    const next = at.commands.find((command) => command.name() === arg);
    if (next === undefined) continue;
    words.push(arg);
    at = next;
  }
  return words;
}

const unexpected = (error: unknown): AppError =>
  new AppError('INTERNAL', 'Something unexpected went wrong in this command', {
    fix: 'Run it again with --debug to see the cause, and report it with that.',
    cause: toAppError(error),
  });

function causes(error: unknown): string {
  const stacks: string[] = [];
  for (let at: unknown = error; at !== undefined && stacks.length < 10; )
    if (at instanceof Error) {
      stacks.push(at.stack ?? String(at));
      at = at.cause;
    } else {
      stacks.push(String(at));
      break;
    }
  return `${stacks.join('\ncaused by: ')}\n`;
}
