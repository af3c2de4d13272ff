import { copyFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ask } from './ask.ts';
import {
  type CertificateFiles,
  type LocalServer,
  type LocalServerOptions,
  type Place,
  type ServerTls,
  startLocalServer,
} from './local-server.ts';
import { placeCertificate } from './place-certificate.ts';
import { NATS } from './server-kinds.ts';
import { WORKSPACE } from './workspace.ts';

const CONFIG_FILE = 'nats.conf';
const USERS_FILE = 'users.conf';

export interface NatsOptions extends LocalServerOptions {
  /**
   * With it, clients are who their certificates say, and may do what `users.conf` in `dir` says: a copy of
   * deploy/nats/users.conf. After a change of it, or of the certificate, SIGHUP has the server read it again.
   */
  readonly tls?: ServerTls | undefined;
}

/** Understood by every nats-server from 2.9 on. Strings in this format escape as they do in JSON. */
const configuration = ({ name, host, port, dir }: Place): string => `server_name: ${JSON.stringify(name)}
host: ${JSON.stringify(host)}
port: ${port}
max_payload: 1MB
jetstream {
  store_dir: ${JSON.stringify(join(dir, 'data'))}
}
`;

/** As deploy/nats/nats.conf has it. */
const security = ({ certificate, certificateKey, trustedCa }: CertificateFiles): string => `tls {
  cert_file: ${JSON.stringify(certificate)}
  key_file: ${JSON.stringify(certificateKey)}
  ca_file: ${JSON.stringify(trustedCa)}
  verify_and_map: true
  timeout: 5
}
include ${JSON.stringify(USERS_FILE)}
`;

async function configure(place: Place, tls: ServerTls | undefined): Promise<void> {
  let text = configuration(place);
  if (tls !== undefined) {
    await copyFile(join(WORKSPACE, 'deploy/nats', USERS_FILE), join(place.hostDir, USERS_FILE));
    text += security(await placeCertificate(tls, place));
  }
  await writeFile(join(place.hostDir, CONFIG_FILE), text, { mode: 0o600 });
}

/** Whether the NATS server on a loopback port is the one called `name`, with JetStream, and answers. */
export async function natsIsReady(port: number, name: string, probe?: CertificateFiles): Promise<boolean> {
  const request = 'CONNECT {"verbose":false,"pedantic":false}\r\nPING\r\n';
  const answer = await ask(port, request, (text) => text.includes('PONG\r\n'), {
    tls: probe,
    greeting: /^INFO .*\r\n/,
  });
  return answer?.includes(name) === true && answer.includes('"jetstream":true');
}

/** Starts nats-server with JetStream, its data in `dir`. Errors: BUS_UNAVAILABLE. */
export const startNats = (options: NatsOptions): Promise<LocalServer> =>
  startLocalServer(
    {
      kind: NATS,
      arguments: async (place) => {
        await configure(place, options.tls);
        return ['--config', join(place.dir, CONFIG_FILE)];
      },
      isReady: (port, name) => natsIsReady(port, name, options.tls?.probe),
    },
    options,
  );
