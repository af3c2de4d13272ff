import { setImmediate } from 'node:timers/promises';
import { testNats } from '@sealtrack/testkit/test-servers';
import { PLAINTEXT } from '@sealtrack/tls/tls';
import { expect, test } from 'vitest';
import { connectBus } from './connect.ts';
import { request } from './request.ts';
import { createResponder } from './respond.ts';

const nats = await testNats();

test('it has not ended before what is under way is answered, so that the connection can be closed after it', async () => {
  await using asking = await connectBus({ transport: PLAINTEXT, url: nats.url, name: 'asking' });
  const answering = await connectBus({ transport: PLAINTEXT, url: nats.url, name: 'answering' });
  const started = Promise.withResolvers<void>();
  const release = Promise.withResolvers<void>();
  const responder = createResponder(answering, {
    ...{ queue: 'q', maxInFlight: 1, maxBytes: 100 },
    async handle(_, body) {
      started.resolve();
      await release.promise;
      return body;
    },
  });
  responder.listenTo(new Set(['a']));
  await answering.link.connection.flush();
  const read = async (body: Uint8Array) => Buffer.from(body).toString();
  const answer = request(asking, 'a', Buffer.from('hello'), { timeoutMs: 5_000, read });
  await started.promise;
  let hasEnded = false;
  const ending = responder[Symbol.asyncDispose]().then(() => {
    hasEnded = true;
  });
  // What still comes is beyond the bound, and waits for nothing; by when nothing comes any more, it has only the first to wait for.
  const again = () => request(asking, 'a', Buffer.from('more'), { timeoutMs: 5_000, read });
  while ((await again()).kind !== 'nobody');
  await answering.link.connection.flush();
  await setImmediate();
  expect(hasEnded).toBe(false);
  release.resolve();
  await ending;
  await answering[Symbol.asyncDispose]();
  expect(await answer).toEqual({ kind: 'answer', value: 'hello' });
});
