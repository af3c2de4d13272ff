import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';

const MAIN = join(import.meta.dirname, '../main.ts');

/** Whether there is script(1) of util-linux, which gives a command a terminal of its own. It is said aloud if not. */
export const hasTerminals = ((): boolean => {
  if (spawnSync('script', ['--version'], { encoding: 'utf8' }).stdout?.includes('util-linux')) return true;
  process.stderr.write(
    '\n*** SKIPPED: no script(1) of util-linux here, so nothing is typed at a terminal. ***\n\n',
  );
  return false;
})();

export interface TypedCommand {
  /** Everything that stood on the terminal, in order. */
  readonly screen: string;
  readonly code: number | null;
}

export interface Typing {
  /** What has to stand on the terminal, behind what was waited for before. */
  readonly after: string;
  readonly type: string;
}

/**
 * Runs a command line in a process of its own at a terminal, types, and says at the end whether the terminal echoes
 * again: the last line is the output of stty.
 */
export async function atTerminal(
  args: readonly string[],
  typing: readonly Typing[],
  env: Readonly<Record<string, string>>,
): Promise<TypedCommand> {
  const quoted = [process.execPath, MAIN, ...args].map((arg) => `'${arg}'`).join(' ');
  const command = `${quoted}; code=$?; stty -a; exit $code`;
  const child = spawn('script', ['--quiet', '--return', '--command', command, '/dev/null'], {
    env: { ...process.env, ...env },
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const left = [...typing];
  let screen = '';
  let from = 0;
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    screen += text;
    for (let next = left[0]; next !== undefined; next = left[0]) {
      const at = screen.indexOf(next.after, from);
      if (at === -1) return;
      from = at + next.after.length;
      child.stdin.write(next.type);
      left.shift();
    }
  });
  const [code] = (await once(child, 'close')) as [number | null];
  return { screen, code };
}
