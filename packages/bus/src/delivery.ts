import { type Msg, nanos } from '@nats-io/transport-node';
import type { Bus } from './bus.ts';
import { pause, untilConnected, whileConnected } from './wait.ts';

/** One message in this process's hands, and what can be said of it to the broker. */
export interface Delivery {
  /** Gives it more time. */
  working(): void;
  /** Done with: true when the broker confirmed it. Otherwise it comes again, to be handled again. */
  acknowledge(): Promise<boolean>;
  /** Not done: the broker delivers it again after `delayMs`. */
  giveBack(delayMs: number): void;
}

const ACK_TRIES = 3;
const ACK_TRY_MS = 2_000;
const RECONNECT_MS = 5_000;

/** The words of the JetStream acknowledgement protocol (nats-architecture-and-design, ADR-15). */
export function openDelivery(bus: Bus, message: Msg): Delivery {
  const { connection } = bus.link;
  const reply = message.reply ?? '';
  const say = (word: string): void => {
    // On a connection closed for good there is nothing to say: the message comes again by itself.
    if (!connection.isClosed()) connection.publish(reply, word);
  };
  return {
    working: () => say('+WPI'),
    giveBack: (delayMs) => say(delayMs > 0 ? `-NAK ${JSON.stringify({ delay: nanos(delayMs) })}` : '-NAK'),
    acknowledge: async () => {
      for (let tries = 0; tries < ACK_TRIES && !connection.isClosed(); tries++) {
        try {
          await whileConnected(bus, connection.request(reply, '+ACK', { timeout: ACK_TRY_MS }));
          return true;
        } catch {
          await pause(100);
          await untilConnected(bus, RECONNECT_MS);
        }
      }
      return false;
    },
  };
}
