import { connectBus } from '@sealtrack/bus/connect';
import { ensureStreams } from '@sealtrack/bus/streams';
import { tailEvents } from '@sealtrack/bus/tail';
import { testNats } from '@sealtrack/testkit/test-servers';
import { PLAINTEXT } from '@sealtrack/tls/tls';
import { afterAll, expect, test } from 'vitest';
import { createBusAuditTrail } from './adapters/bus-audit-trail.ts';
import { auditWriterOn } from './testing/audit-writer.ts';
import { playback, taken } from './testing/playable.ts';

const nats = await testNats();
const { record, player } = await playback();
const bus = await connectBus({ transport: PLAINTEXT, url: nats.url, name: 'test' });
afterAll(() => bus[Symbol.asyncDispose]());
await ensureStreams(bus);
const trail = createBusAuditTrail(auditWriterOn(bus, { deadlineMs: 2_500 }));

/** What became of a recording's playing, once it is on record. */
async function outcomeOf(recordingId: string): Promise<unknown> {
  const stop = new AbortController();
  const subject = 'audit.demo.media-decrypt-ended';
  for await (const { body } of tailEvents(bus, { subject, from: 'start', signal: stop.signal })) {
    const outcome = JSON.parse(body) as { readonly recordingId: string };
    if (outcome.recordingId === recordingId) return outcome;
  }
}

const ended = { outcome: 'failed', code: 'AUDIT_UNAVAILABLE' };
const signal = (name: NodeJS.Signals) => () => void process.kill(nats.pid ?? 0, name);

test.each([
  // It holds its connection, and answers nothing. In a container there is no process to stop.
  ...(nats.pid === undefined ? [] : [['stopped', signal('SIGSTOP'), signal('SIGCONT')] as const]),
  ['killed', () => nats.kill(), () => nats.restart()] as const,
])(
  'with the bus %s nothing leaves, though it was unwrapped; that is on record once it is back',
  async (_, stop, go) => {
    const { recordingId } = await record();
    const { play, deks } = player({ trail });
    await stop();
    try {
      const refused = { code: 'AUDIT_UNAVAILABLE', grpcStatus: 'UNAVAILABLE' };
      expect(await taken(play(recordingId))).toMatchObject({ kinds: [], error: refused });
      expect(deks).toHaveLength(1);
    } finally {
      await go();
    }
    expect(await outcomeOf(recordingId)).toMatchObject(ended);
  },
);
