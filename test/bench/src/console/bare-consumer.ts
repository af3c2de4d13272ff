import { fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';

export interface BareConsumer extends AsyncDisposable {
  readonly pid: number | undefined;
  /** Events so far. */
  consumed(): Promise<number>;
}

/** A process of its own that reads the events of the bus and parses them; resolves when it reads. */
export async function startBareConsumer(dir: string, natsUrl: string): Promise<BareConsumer> {
  const child = fork(join(import.meta.dirname, 'consume-bare.ts'), [dir, natsUrl], { execArgv: [] });
  const ended = once(child, 'exit');
  const answer = async (): Promise<number> => {
    const gone = ended.then(() => {
      throw new Error('The bare consumer has ended');
    });
    const [{ consumed }] = (await Promise.race([once(child, 'message'), gone])) as [{ consumed: number }];
    return consumed;
  };
  await answer();
  return {
    pid: child.pid,
    consumed() {
      child.send('how many');
      return answer();
    },
    async [Symbol.asyncDispose]() {
      if (child.connected) child.disconnect();
      await ended;
    },
  };
}
