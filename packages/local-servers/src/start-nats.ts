import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ask } from './ask.ts';
import {
  type LocalServer,
  type LocalServerOptions,
  type Place,
  type ServerTls,
  startLocalServer,
} from './local-server.ts';
import { NATS } from './server-kinds.ts';

const CONFIG_FILE = 'nats.conf';

/** Understood by every nats-server from 2.9 on. Strings in this format escape as they do in JSON. */
const configuration = ({ name, host, port, dir }: Place): string => `server_name: ${JSON.stringify(name)}
host: ${JSON.stringify(host)}
port: ${port}
max_payload: 1MB
jetstream {
  store_dir: ${JSON.stringify(join(dir, 'data'))}
}
`;

/** Whether the NATS server on a loopback port is the one called `name`, with JetStream, and answers. */
export async function natsIsReady(port: number, name: string): Promise<boolean> {
  const request = 'CONNECT {"verbose":false,"pedantic":false}\r\nPING\r\n';
  const answer = await ask(port, request, (text) => text.includes('PONG\r\n'));
  return answer?.includes(name) === true && answer.includes('"jetstream":true');
}

export interface NatsOptions extends LocalServerOptions {
  /** With it, clients are who their certificates say, and may do what deploy/nats/users.conf says. */
  readonly tls?: ServerTls | undefined;
}

/** Starts nats-server with JetStream, its data in `dir`. Errors: BUS_UNAVAILABLE. */
export const startNats = (options: NatsOptions): Promise<LocalServer> =>
  startLocalServer(
    {
      kind: NATS,
      arguments: async (place) => {
        await writeFile(join(place.hostDir, CONFIG_FILE), configuration(place), { mode: 0o600 });
        return ['--config', join(place.dir, CONFIG_FILE)];
      },
      isReady: natsIsReady,
    },
    options,
  );
