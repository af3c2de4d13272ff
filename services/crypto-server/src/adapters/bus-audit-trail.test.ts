import { connectBus } from '@sealtrack/bus/connect';
import { ensureStreams } from '@sealtrack/bus/streams';
import { tailEvents } from '@sealtrack/bus/tail';
import { testNats } from '@sealtrack/testkit/test-servers';
import { expect, test } from 'vitest';
import { createBusAuditTrail } from './bus-audit-trail.ts';

const nats = await testNats();

test('a backup of the keys is on record under no tenant, once it resolves', async () => {
  await using bus = await connectBus({ url: nats.url, name: 'test' });
  await ensureStreams(bus);
  const record = { archiveId: '00', action: 'taken', certificates: 5, caller: '127.0.0.1:1' };
  await createBusAuditTrail(bus).keysBackup(record, '');
  const stop = new AbortController();
  const tail = tailEvents(bus, { subject: 'audit._.keys-backup', from: 'start', signal: stop.signal });
  for await (const { subject, body } of tail) {
    expect({ subject, body: JSON.parse(body) }).toEqual({ subject: 'audit._.keys-backup', body: record });
    stop.abort();
  }
  expect.assertions(1);
});
