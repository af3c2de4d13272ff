import type { JetStreamClient, JetStreamManager } from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/transport-node';

/** Where the bus says what happens to it. A pino logger fits. */
export interface BusLog {
  info(facts: object, message: string): void;
  warn(facts: object, message: string): void;
  error(facts: object, message: string): void;
}

/** One connection to the bus. Disposing it drains: what was published leaves first. */
export interface Bus extends AsyncDisposable {
  connected(): boolean;
  /** For the other files of this package only: nothing outside imports NATS. */
  readonly link: BusLink;
}

export interface BusLink {
  /** Without credentials, for errors and logs. */
  readonly address: string;
  /** Where this connection hears answers: subjects below it are open to nobody else. */
  readonly inboxPrefix: string;
  readonly connection: NatsConnection;
  readonly jetstream: JetStreamClient;
  readonly manager: JetStreamManager;
  readonly log: BusLog;
  /** Calls back on each loss and return of the connection, until the returned function is called. */
  onChange(listener: (connected: boolean) => void): () => void;
}

export const SILENT: BusLog = { info: () => {}, warn: () => {}, error: () => {} };
