import { type NatsConnection, PermissionViolationError } from '@nats-io/transport-node';
import type { BusLog } from './bus.ts';
import { type Dialling, unreachable } from './open-connection.ts';
import { pause } from './wait.ts';

/** Longer than a restart of the broker takes, so that one that comes back is not asked why it was away. */
const BEFORE_ASKING_MS = 5_000;

/** Says what happens to a connection to the log, and whether it is there to `change`, until it is closed. */
export async function followStatus(
  connection: NatsConnection,
  dialling: Dialling,
  log: BusLog,
  change: (connected: boolean) => void,
): Promise<void> {
  let away: AbortController | undefined;
  for await (const status of connection.status()) {
    switch (status.type) {
      case 'disconnect':
        log.warn({ server: status.server }, 'The bus is gone; reconnecting');
        away?.abort();
        away = new AbortController();
        void sayWhy(dialling, log, away.signal);
        change(false);
        break;
      case 'reconnect':
        log.info({ server: status.server }, 'The bus is back');
        away?.abort();
        change(true);
        break;
      case 'error':
        sayError(status.error, log);
        break;
    }
  }
  away?.abort();
  change(false);
}

/** The client reconnects in silence: once for each reason, what is known of why it does not come to it. */
async function sayWhy(dialling: Dialling, log: BusLog, signal: AbortSignal): Promise<void> {
  let said = '';
  while (await pause(BEFORE_ASKING_MS, signal)) {
    const error = await unreachable(dialling);
    if (signal.aborted || error.message === said) continue;
    said = error.message;
    log.warn({ err: error, fix: error.fix }, 'The bus is still away');
  }
}

/** Whoever makes streams tries, and tells itself what it may not. */
const OF_STREAMS = /^\$JS\.API\.STREAM\.(?:CREATE|UPDATE)\./;

function sayError(error: Error, log: BusLog): void {
  if (error instanceof PermissionViolationError && OF_STREAMS.test(error.subject)) return;
  if (error instanceof PermissionViolationError)
    log.error(
      { err: error, operation: error.operation, subject: error.subject },
      'The bus does not permit this to the user of this process: see deploy/nats/users.conf',
    );
  else log.warn({ err: error }, 'The bus reported an error');
}
