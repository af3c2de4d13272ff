import { once } from 'node:events';
import { connect } from 'node:net';
import { openTls } from '@sealtrack/tls/open-tls';
import { badPeers, speakTls } from '@sealtrack/tls/testing/bad-peers';
import { createCa } from '@sealtrack/tls/testing/issue-peers';
import { noteTlsLog, tlsFolder } from '@sealtrack/tls/testing/tls-folder';
import { afterAll, expect, test, vi } from 'vitest';
import { startMetricsServer } from './metrics-server.ts';
import { noteLines } from './testing/note-lines.ts';

const ca = createCa('Test CA');
const revoked = ca.issue('revoked');
const { cert, key } = ca.issue('prometheus', { usage: 'client' });
const folder = await tlsFolder(ca, ca.issue('crypto-server'), ca.crl([revoked]));
const { lines, log } = noteTlsLog();
const tls = await openTls(folder.settings, log);
const server = await startMetricsServer({
  listen: '127.0.0.1:0',
  transport: tls,
  contentType: 'text/plain',
  render: async () => 'x 1\n',
  log: noteLines().log,
});
const port = Number(server.address.split(':')[1]);
afterAll(async () => {
  await server[Symbol.asyncDispose]();
  tls[Symbol.dispose]();
  await folder[Symbol.asyncDispose]();
});

test.each(badPeers(ca, revoked))('$what: no metrics, and the next one gets them', async (bad) => {
  lines.length = 0;
  expect(await bad.knock(port)).toBe('');
  await vi.waitFor(() => expect(lines).toMatchObject([{ fields: { problem: bad.problem } }]), {
    interval: 5,
  });
  expect(await speakTls(port, { ca: ca.cert, cert, key })).toContain('x 1\n');
});

test('one that is in the middle of its handshake does not hold up the end', async () => {
  const more = await startMetricsServer({
    listen: '127.0.0.1:0',
    transport: tls,
    contentType: 'text/plain',
    render: async () => '',
    log: noteLines().log,
    timeoutMs: 600_000,
  });
  const [host, listening] = more.address.split(':');
  const socket = connect(Number(listening), host);
  await once(socket, 'connect');
  await speakTls(Number(listening), { ca: ca.cert, cert, key });
  const closed = once(socket.resume(), 'close');
  await more[Symbol.asyncDispose]();
  await closed;
});
