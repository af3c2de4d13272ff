import { connect, createServer, type Socket } from 'node:net';

/** A TCP relay in front of a real server, for the failures that only a network has. */
export interface FaultyWire extends AsyncDisposable {
  readonly url: string;
  /** From now on nothing that the server says arrives, while everything said to it does. */
  swallowReplies(): void;
  /** Cuts every connection and lets new ones through whole. */
  cut(): void;
  /** As above, and lets none through until the work is done. */
  cutWhile(work: () => Promise<unknown>): Promise<void>;
}

export async function faultyWire(serverUrl: string): Promise<FaultyWire> {
  const target = new URL(serverUrl);
  const sockets = new Set<Socket>();
  let swallowing = false;
  let refusing = false;
  const relay = createServer((client) => {
    if (refusing) return void client.destroy();
    const server = connect(Number(target.port), target.hostname);
    for (const socket of [client, server]) {
      sockets.add(socket);
      socket.on('error', () => {});
      socket.on('close', () => {
        sockets.delete(socket);
        client.destroy();
        server.destroy();
      });
    }
    client.pipe(server);
    server.on('data', (bytes) => {
      if (swallowing || client.write(bytes)) return;
      server.pause();
      client.once('drain', () => server.resume());
    });
  });
  await new Promise<void>((resolve) => relay.listen(0, '127.0.0.1', resolve));
  const address = relay.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  const cut = (): void => {
    swallowing = false;
    for (const socket of sockets) socket.destroy();
  };
  return {
    url: `nats://127.0.0.1:${port}`,
    swallowReplies: () => {
      swallowing = true;
    },
    cut,
    cutWhile: async (work) => {
      refusing = true;
      cut();
      await work();
      refusing = false;
    },
    [Symbol.asyncDispose]: async () => {
      cut();
      await new Promise((resolve) => relay.close(resolve));
    },
  };
}
