import { connectBus } from '@sealtrack/bus/connect';
import { ensureStreams } from '@sealtrack/bus/streams';
import { tailEvents } from '@sealtrack/bus/tail';
import { testNats } from '@sealtrack/testkit/test-servers';
import { PLAINTEXT } from '@sealtrack/tls/tls';
import { expect, test } from 'vitest';
import { auditWriterOn } from '../testing/audit-writer.ts';
import { createBusAuditTrail } from './bus-audit-trail.ts';

const nats = await testNats();
test('a backup of the keys is on record under no tenant, once it resolves', async () => {
  await using bus = await connectBus({ transport: PLAINTEXT, url: nats.url, name: 'test' });
  await ensureStreams(bus);
  const record = { archiveId: '00', action: 'taken', certificates: 5, caller: '127.0.0.1:1' };
  await using writer = auditWriterOn(bus);
  await createBusAuditTrail(writer).keysBackup(record, '');
  const stop = new AbortController();
  const tail = tailEvents(bus, { subject: 'audit._.keys-backup', from: 'start', signal: stop.signal });
  for await (const { subject, body } of tail) {
    expect({ subject, body: JSON.parse(body) }).toEqual({ subject: 'audit._.keys-backup', body: record });
    stop.abort();
  }
  expect.assertions(1);
});

test('each record is under its tenant and its kind, and within the trace that it belongs to', async () => {
  await using bus = await connectBus({ transport: PLAINTEXT, url: nats.url, name: 'test' });
  await ensureStreams(bus);
  await using writer = auditWriterOn(bus);
  const trail = createBusAuditTrail(writer);
  const traceparent = `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01`;
  const deletion = {
    ...{ tenantId: 'demo', certificateId: 'c', action: 'deleted' },
    ...{ approvers: ['anna'], recordings: 1n, caller: 'test' },
  };
  // The same twice is two accesses.
  for (let times = 0; times < 2; times += 1) await trail.certificateDeletion(deletion, traceparent);
  await trail.keysUnwrapped({ tenantId: 'demo', caller: 'test', purpose: 'a bench', keys: [] }, traceparent);
  await trail.mediaRewrapped({ tenantId: 'demo', caller: 'test', keys: [] }, traceparent);
  const stop = new AbortController();
  const seen: string[] = [];
  const tail = tailEvents(bus, { subject: 'audit.demo.>', from: 'start', signal: stop.signal });
  for await (const { subject, headers } of tail) {
    expect(Object.values(headers)).toContain(traceparent);
    seen.push(subject);
    if (seen.length === 4) stop.abort();
  }
  expect(seen).toEqual([
    'audit.demo.certificate-deletion',
    'audit.demo.certificate-deletion',
    'audit.demo.keys-unwrap',
    'audit.demo.media-rewrap',
  ]);
});

test('what cannot be put on record is an error that says so', async () => {
  await using bus = await connectBus({ transport: PLAINTEXT, url: nats.url, name: 'test' });
  await using writer = auditWriterOn(bus);
  await nats.kill();
  const record = { archiveId: '00', action: 'taken', certificates: 5, caller: '127.0.0.1:1' };
  await expect(createBusAuditTrail(writer).keysBackup(record, '')).rejects.toMatchObject({
    code: 'AUDIT_UNAVAILABLE',
    fix: expect.stringContaining('NATS'),
    cause: expect.any(Error),
  });
});
