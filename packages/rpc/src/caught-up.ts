import type { Http2Session } from 'node:http2';
import { setTimeout as delay } from 'node:timers/promises';

type Done = () => void;
const waiting = new WeakMap<Http2Session, Done[]>();

const ping = (session: Http2Session): Promise<boolean> =>
  new Promise((resolve) => {
    session.ping((error) => resolve(error === null));
  });

async function roundTrip(session: Http2Session): Promise<void> {
  while (!session.destroyed) {
    if (await ping(session)) return;
    // Too many pings are under way, those of keepalive among them.
    await delay(5);
  }
}

async function run(session: Http2Session): Promise<void> {
  for (;;) {
    const batch = waiting.get(session) ?? [];
    if (batch.length === 0) break;
    waiting.set(session, []);
    await roundTrip(session);
    await roundTrip(session);
    for (const done of batch) done();
  }
  waiting.delete(session);
}

/**
 * Resolves when every frame that the peer had queued when this was called has been received, or the session is gone.
 * The answer to a ping may overtake frames that were queued before it (nghttp2 sends it as urgent), but it leaves in
 * one flush with them: so after a second answer they are all here.
 */
export function caughtUp(session: Http2Session): Promise<void> {
  return new Promise((resolve) => {
    const queue = waiting.get(session);
    if (queue !== undefined) {
      queue.push(resolve);
      return;
    }
    waiting.set(session, [resolve]);
    void run(session);
  });
}
