import { parentPort, workerData } from 'node:worker_threads';
import { PLAINTEXT } from '@sealtrack/tls/tls';
import { serveGrpcJs } from './engines/grpc-js.ts';
import { serveSealtrack } from './engines/sealtrack.ts';
import { serveHandshakes } from './handshakes.ts';
import { openParty, readParty } from './material.ts';

/** The servers' side, in a thread of its own. */
export interface Served {
  readonly secured: string;
  readonly plaintext: string;
  readonly bare: string;
  readonly judging: number;
  readonly believing: number;
}

const { dir } = workerData as { readonly dir: string };
const own = await openParty(dir, 'crypto-server');
const material = await readParty(dir, 'crypto-server');
const served: Served = {
  secured: (await serveSealtrack(own)).address,
  plaintext: (await serveSealtrack(PLAINTEXT)).address,
  bare: await serveGrpcJs(material),
  judging: await serveHandshakes(own.server(), (server) => own.guard(server)),
  believing: await serveHandshakes({ ...material, requestCert: true }),
};
parentPort?.postMessage(served);
