import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { findExecutable } from '@sealtrack/local-servers/executables';
import { afterAll } from 'vitest';

/** Starts a server of others that lasts as long as the tests of the file. Resolves to what matched of its output, once it did. */
export async function serverTool(
  name: string,
  args: readonly string[],
  ready: RegExp,
): Promise<RegExpExecArray> {
  const child = spawn(findExecutable([name]) ?? name, args, { stdio: ['pipe', 'pipe', 'pipe'] });
  const ended = once(child, 'close');
  afterAll(async () => {
    child.kill('SIGKILL');
    await ended;
  });
  let said = '';
  const { promise, resolve, reject } = Promise.withResolvers<RegExpExecArray>();
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (chunk: Buffer) => {
      said += String(chunk);
      const found = ready.exec(said);
      if (found !== null) resolve(found);
    });
  child.on('error', reject);
  child.on('close', () => reject(new Error(`${name} ended: ${said}`)));
  return promise;
}
