import { STREAMS } from '@sealtrack/contracts/subjects';
import { testNats } from '@sealtrack/testkit/test-servers';
import { PLAINTEXT } from '@sealtrack/tls/tls';
import { expect, test } from 'vitest';
import { connectBus } from './connect.ts';
import { ensureStreams } from './streams.ts';
import { untilStream } from './until-stream.ts';

const nats = await testNats();

test('a stream that another process makes is waited for, silently and as long as it takes', async () => {
  const said: string[] = [];
  const say = (_: object, message: string) => void said.push(message);
  const log = { info: say, warn: say, error: say };
  await using bus = await connectBus({ transport: PLAINTEXT, url: nats.url, name: 'test', log });
  said.length = 0;
  const stop = new AbortController();
  let isThere = false;
  const waiting = untilStream(bus, STREAMS.audit, stop.signal, 10).then((there) => {
    isThere = there;
    return there;
  });
  const inVain = untilStream(bus, 'NONE', stop.signal, 10);
  await nats.kill();
  await nats.restart();
  expect(isThere).toBe(false);
  expect(said.filter((message) => !/connect|lost|back/i.test(message))).toEqual([]);
  await ensureStreams(bus);
  expect(await waiting).toBe(true);
  stop.abort();
  expect(await inVain).toBe(false);
});
