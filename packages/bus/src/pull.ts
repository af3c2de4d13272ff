import { createInbox, type Msg, nanos } from '@nats-io/transport-node';
import type { Bus } from './bus.ts';
import { type DeliveryFacts, readDelivery } from './stored-message.ts';
import { within } from './wait.ts';

export interface PullOptions {
  readonly stream: string;
  readonly consumer: string;
  /** `facts` is what the broker says of this delivery. Called for every message, also during `drain`. */
  readonly onMessage: (message: Msg, facts: DeliveryFacts) => void;
  /** A request ended with nothing, or with less than it asked for. */
  readonly onExpired: () => void;
  /** The consumer may be gone, and with it every request. Called once; nothing is delivered after it. */
  readonly onLost: (why: string) => void;
}

export interface Pull {
  /** Messages asked for and not come yet. */
  outstanding(): number;
  /** Asks the consumer for up to `count` more messages. */
  request(count: number): void;
  /** Withdraws every request; what was already on its way is still delivered before this resolves. */
  drain(): Promise<void>;
  close(): void;
}

/** A request lives this long at the broker; then it is asked again. */
const EXPIRES_MS = 5_000;
/** Neither message nor status this long after a request should have expired: the broker has forgotten it. */
const SILENCE_MS = EXPIRES_MS + 3_000;
const DRAIN_MS = 3_000;

/**
 * Messages of a pull consumer, exactly as many as asked for. The client's own `consume()` asks ahead: messages
 * then wait in this process with their acknowledgement clock running, out of reach of its idle neighbours.
 */
export function openPull(bus: Bus, options: PullOptions): Pull {
  const { connection, manager } = bus.link;
  const inbox = createInbox(bus.link.inboxPrefix);
  const subject = `${manager.getOptions().apiPrefix ?? '$JS.API'}.CONSUMER.MSG.NEXT.${options.stream}.${options.consumer}`;
  let outstanding = 0;
  let over = false;
  let silence: NodeJS.Timeout | undefined;

  const close = (): void => {
    over = true;
    clearTimeout(silence);
    stopListening();
    subscription.unsubscribe();
  };
  const lost = (why: string): void => {
    if (over) return;
    close();
    options.onLost(why);
  };
  const restartSilence = (): void => {
    clearTimeout(silence);
    if (outstanding > 0 && !over) silence = setTimeout(() => lost('the broker fell silent'), SILENCE_MS);
  };
  const settle = (count: number): void => {
    outstanding = Math.max(0, outstanding - count);
    restartSilence();
  };
  const onStatus = (message: Msg): void => {
    const code = message.headers?.code ?? 0;
    if (code === 100) return;
    if (code !== 404 && code !== 408) {
      lost(`${code} ${message.headers?.description ?? ''}`.trim());
      return;
    }
    settle(Number(message.headers?.get('Nats-Pending-Messages') || outstanding));
    options.onExpired();
  };
  const subscription = connection.subscribe(inbox, {
    callback: (error, message) => {
      if (error !== null) {
        lost(error.message);
        return;
      }
      const facts = readDelivery(message.reply);
      if (facts === undefined) {
        onStatus(message);
        return;
      }
      settle(1);
      options.onMessage(message, facts);
    },
  });
  const stopListening = bus.link.onChange(() => lost('the connection was lost'));

  return {
    outstanding: () => outstanding,
    request: (count) => {
      if (over || count <= 0) return;
      outstanding += count;
      restartSilence();
      const body = JSON.stringify({ batch: count, expires: nanos(EXPIRES_MS) });
      connection.publish(subject, body, { reply: inbox });
    },
    drain: async () => {
      if (over) return;
      stopListening();
      clearTimeout(silence);
      if (bus.connected()) await within(DRAIN_MS, subscription.drain()).catch(() => {});
      close();
    },
    close,
  };
}
