import { connect } from 'node:net';

/**
 * Connects to a loopback port, sends a line and collects what comes back until `done` says that it is enough.
 * Resolves with undefined when nobody answers, or not in time: while a server starts that is ordinary.
 */
export function ask(
  port: number,
  request: string,
  done: (answer: string) => boolean,
  timeoutMs = 1_000,
): Promise<string | undefined> {
  return new Promise((resolve) => {
    let answer = '';
    const socket = connect({ host: '127.0.0.1', port });
    const finish = (result: string | undefined): void => {
      socket.destroy();
      resolve(result);
    };
    socket.setTimeout(timeoutMs, () => finish(undefined));
    socket.on('connect', () => socket.write(request));
    socket.on('data', (chunk) => {
      answer += chunk.toString('latin1');
      if (done(answer)) finish(answer);
    });
    socket.on('error', () => finish(undefined));
    socket.on('close', () => finish(undefined));
  });
}
