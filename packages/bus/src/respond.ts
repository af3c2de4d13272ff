import type { Msg, Subscription } from '@nats-io/transport-node';
import type { Bus } from './bus.ts';
import { within } from './wait.ts';

export interface ResponderOptions {
  /** Of those who listen to a subject under the same name, one gets each request. */
  readonly queue: string;
  /** Requests that are handled at a time: what comes beyond them is answered with nothing, which request.ts calls busy. */
  readonly maxInFlight: number;
  /** Those that are longer, in bytes, are as if they had not come. */
  readonly maxBytes: number;
  /** What is answered; undefined for no answer. What it throws is logged, and there is no answer. */
  handle(subject: string, body: Uint8Array): Promise<Uint8Array | undefined>;
}

/** Answers requests. Disposing it takes no new ones, and waits for those that are being handled. */
export interface Responder extends AsyncDisposable {
  /**
   * From now on it listens to these subjects, and to no others; told again, to those that the broker refused before. Cheap
   * where nothing changes, and nothing once it was disposed.
   */
  listenTo(subjects: ReadonlySet<string>): void;
}

/**
 * Where answers may go. Whoever asks names the subject, and the broker lets this user answer there: it must not become a
 * stream's, or the broker's own.
 */
const INBOX = /^_INBOX(?:_[\w-]+)?\./;

const NOTHING = new Uint8Array();
const DRAIN_MS = 2_000;
const BETWEEN_TRIES_MS = 10_000;

export function createResponder(bus: Bus, options: ResponderOptions): Responder {
  const { queue, maxInFlight, maxBytes, handle } = options;
  const { connection, log } = bus.link;
  const subscriptions = new Map<string, Subscription>();
  const inFlight = new Set<Promise<void>>();
  /** Set while this user may not listen: from when on that is tried again. */
  let notBefore = 0;
  let tries = 0;
  let isClosed = false;

  async function answer(message: Msg): Promise<void> {
    try {
      const body = await handle(message.subject, message.data);
      if (body !== undefined) message.respond(body);
    } catch (err) {
      log.error({ err, subject: message.subject }, 'A request was not answered');
    }
  }

  function take(message: Msg): void {
    if (message.reply === undefined || !INBOX.test(message.reply)) return;
    if (message.data.length > maxBytes) return;
    if (inFlight.size >= maxInFlight) {
      message.respond(NOTHING);
      return;
    }
    const answering = answer(message).finally(() => inFlight.delete(answering));
    inFlight.add(answering);
  }

  function listen(subject: string): void {
    const subscription = connection.subscribe(subject, {
      queue,
      callback(error, message) {
        if (error === null) take(message);
        else if (subscriptions.get(subject) === subscription) {
          subscriptions.delete(subject);
          notBefore = performance.now() + BETWEEN_TRIES_MS;
        }
      },
    });
    subscriptions.set(subject, subscription);
  }

  /** Each refusal is a line in the log, and who may what is changed under running services: one is tried for all of them. */
  function tryOne(missing: readonly string[]): void {
    if (performance.now() < notBefore) return;
    // The next one each time: it may listen to some, and to others never.
    const subject = missing[tries++ % missing.length];
    if (subject === undefined) return;
    listen(subject);
    const isHeard = () => {
      if (subscriptions.has(subject)) notBefore = 0;
    };
    // The broker answers in order: a refusal comes before the answer to this.
    connection.flush().then(isHeard, () => {});
  }

  /** What the broker has given to this process already is still answered. */
  async function leave(subject: string, subscription: Subscription): Promise<void> {
    subscriptions.delete(subject);
    if (!bus.connected()) subscription.unsubscribe();
    else await within(DRAIN_MS, subscription.drain()).catch(() => subscription.unsubscribe());
  }

  return {
    listenTo(subjects) {
      for (const [subject, subscription] of subscriptions)
        if (!subjects.has(subject)) void leave(subject, subscription);
      if (isClosed) return;
      const missing = [...subjects].filter((subject) => !subscriptions.has(subject));
      if (notBefore === 0) missing.forEach(listen);
      else tryOne(missing);
    },
    async [Symbol.asyncDispose]() {
      isClosed = true;
      await Promise.all([...subscriptions].map((each) => leave(...each)));
      while (inFlight.size > 0) await Promise.all(inFlight);
    },
  };
}
