/** Metrics as whoever scrapes them meets them: a real process, asked over HTTP. */
import { once } from 'node:events';
import { connect } from 'node:net';
import { expect, test } from 'vitest';
import { KEY, launch } from './testing/launch.ts';

const LISTEN = { SEALTRACK_METRICS_LISTEN: '127.0.0.1:0' };

async function scraped(env: Record<string, string> = LISTEN) {
  const run = launch(env);
  const { addresses } = await run.line('ready');
  return { run, address: (addresses as Record<string, string>).metrics };
}

test('a service serves its metrics and those of its process', async () => {
  const { run, address } = await scraped();
  const response = await fetch(`http://${address}/metrics`);
  expect(response.status).toBe(200);
  expect(response.headers.get('content-type')).toBe('text/plain; version=0.0.4; charset=utf-8');
  const text = await response.text();
  expect(text).toContain('# HELP sealtrack_fixture_starts_total How often it started');
  expect(text).toContain('# TYPE sealtrack_fixture_starts_total counter');
  expect(text).toMatch(/^sealtrack_fixture_starts_total 1$/m);
  expect(text).toMatch(/^nodejs_eventloop_lag_p99_seconds [\d.e-]+$/m);
  expect(text).toMatch(/^process_resident_memory_bytes \d+$/m);
  expect(text).not.toContain(KEY);
  expect(run.out()).toContain(`"metrics":"${address}"`);
});

test('they are there twice as well as once, and with parameters', async () => {
  const { address } = await scraped();
  for (const query of ['', '', '?name=x'])
    expect((await fetch(`http://${address}/metrics${query}`)).status).toBe(200);
});

test('anything else is answered 404 or 405, and tells nothing', async () => {
  const { address } = await scraped();
  const wrong: [method: string, path: string, status: number][] = [
    ['GET', '/', 404],
    ['GET', '/metrics/', 404],
    ['GET', '/../metrics', 404],
    ['GET', '//metrics', 404],
    ['POST', '/', 404],
    ['POST', '/metrics', 405],
    ['HEAD', '/metrics', 405],
    ['DELETE', '/metrics', 405],
  ];
  for (const [method, path, status] of wrong) {
    const answer = await talk(address, `${method} ${path} HTTP/1.1\r\nhost: x\r\n\r\n`);
    expect(answer).toMatch(new RegExp(`^HTTP/1.1 ${status} `));
    expect(answer).not.toContain('sealtrack_');
  }
});

test('headers without end are refused, and the service goes on', async () => {
  const { address } = await scraped();
  const answer = await talk(address, `GET /metrics HTTP/1.1\r\nx: ${'x'.repeat(20_000)}\r\n\r\n`);
  expect(answer).toContain('HTTP/1.1 431 ');
  expect((await fetch(`http://${address}/metrics`)).status).toBe(200);
});

test('without the setting there is no door', async () => {
  expect((await scraped({})).address).toBeUndefined();
  expect((await scraped({ SEALTRACK_METRICS_LISTEN: '' })).address).toBeUndefined();
});

test('a client that stays does not keep a service that is asked to stop', async () => {
  const { run, address } = await scraped();
  const idle = connect(portOf(address), '127.0.0.1');
  await once(idle, 'connect');
  run.child.kill('SIGTERM');
  expect(await run.exited).toEqual({ code: 0 });
  idle.destroy();
});

test('while a service drains its metrics can still be read', async () => {
  const { run, address } = await scraped({ ...LISTEN, SEALTRACK_FIXTURE_MODE: 'never-drains' });
  run.child.kill('SIGTERM');
  await run.line('draining');
  expect((await fetch(`http://${address}/metrics`)).status).toBe(200);
});

test('a port that is taken is said as such', async () => {
  const { address = '' } = await scraped();
  const second = launch({ SEALTRACK_METRICS_LISTEN: address });
  expect(await second.exited).toEqual({ code: 1 });
  const err = { code: 'CONFIG_INVALID', fix: expect.stringContaining('SEALTRACK_METRICS_LISTEN') };
  expect(second.lines.at(-1)).toMatchObject({ level: 'fatal', msg: 'could not start', err });
});

test('an address that is none is refused before the start', async () => {
  const run = launch({ SEALTRACK_METRICS_LISTEN: '9464' });
  expect(await run.exited).toEqual({ code: 1 });
  expect(run.err()).toContain('SEALTRACK_METRICS_LISTEN is not host:port');
});

const portOf = (address = '') => Number(address.slice(address.lastIndexOf(':') + 1));

/** Everything that is answered to what is said, as it is: fetch would tidy the path. */
async function talk(address: string | undefined, said: string): Promise<string> {
  const socket = connect(portOf(address), '127.0.0.1');
  socket.write(said);
  return (await socket.setEncoding('utf8').toArray()).join('');
}
