import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, test } from 'vitest';
import { createEventParser, readEventStream } from './event-stream.ts';
import { ProblemError } from './problem-error.ts';

const STREAM =
  ': hello\n\ndata: {"a":1}\n\nevent: x\r\nid: 7\r\ndata: {\r\ndata: "b":"é"}\r\n\r\n\n\ndata:3\n\ndata: cut';

test.each([1, 2, 7, STREAM.length])('events are read whatever they are cut into: %d characters', (size) => {
  const parser = createEventParser();
  const parts = Array.from({ length: Math.ceil(STREAM.length / size) }, (_, i) =>
    STREAM.slice(i * size, (i + 1) * size),
  );
  expect(parts.flatMap((part) => parser.add(part))).toEqual(['{"a":1}', '{\n"b":"é"}', '3']);
});

test('a stream ends, is refused with its problem, or is broken off', async () => {
  const problem = { code: 'PERMISSION_DENIED', title: 'No', fix: 'Ask', status: 403, type: '', traceId: 't' };
  const server = createServer(({ url }, response) => {
    if (url === '/refused') {
      response.writeHead(403, { 'content-type': 'application/problem+json' }).end(JSON.stringify(problem));
      return;
    }
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.write('data: "é"\n\n');
    if (url === '/whole') response.end('data: 2\n\n');
    else setImmediate(() => response.destroy());
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const { port } = server.address() as AddressInfo;
  const read = (path: string) =>
    Array.fromAsync(
      readEventStream<unknown>(`http://127.0.0.1:${port}${path}`, new AbortController().signal),
    );
  try {
    expect(await read('/whole')).toEqual(['é', 2]);
    await expect(read('/refused')).rejects.toMatchObject({ problem });
    await expect(read('/broken')).rejects.toBeInstanceOf(ProblemError);
  } finally {
    server.close();
  }
});
