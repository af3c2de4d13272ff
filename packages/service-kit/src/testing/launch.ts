import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';

interface Line {
  readonly level: string;
  readonly msg: string;
  readonly [field: string]: unknown;
}

const fixture = join(import.meta.dirname, '../testdata/service.ts');
export const KEY = 'correct horse battery staple';

/** A real process of the fixture service. */
export function launch(env: Record<string, string>, ...args: string[]) {
  const child = spawn(process.execPath, [fixture, ...args], {
    env: { PATH: process.env.PATH, SEALTRACK_FIXTURE_KEY: KEY, SEALTRACK_TLS: 'off', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  const lines: Line[] = [];
  let stdout = '';
  let stderr = '';
  const arrivals: (() => void)[] = [];
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
    lines.length = 0;
    for (const line of stdout.split('\n').slice(0, -1))
      if (line.startsWith('{')) lines.push(JSON.parse(line));
    for (const arrived of arrivals.splice(0)) arrived();
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  const exited = new Promise<{ code: number | null }>((resolve) =>
    child.on('close', (code) => resolve({ code })),
  );
  const line = async (msg: string): Promise<Line> => {
    for (;;) {
      const found = lines.find((candidate) => candidate.msg === msg);
      if (found !== undefined) return found;
      if (child.exitCode !== null) throw new Error(`It ended without "${msg}": ${stdout}${stderr}`);
      await Promise.race([new Promise<void>((resolve) => arrivals.push(resolve)), exited]);
    }
  };
  return { child, exited, line, lines, out: () => stdout, err: () => stderr };
}
