import { connect } from 'node:net';
import { EVENT_KINDS } from '@sealtrack/contracts/event-kinds';
import { RecordingCaptured } from '@sealtrack/contracts/gen/sealtrack/events/v1/recordings';
import { SUBJECTS } from '@sealtrack/contracts/subjects';
import type { Bus } from '../bus.ts';
import { type PublishReceipt, publishEvent } from '../publish.ts';

export const capture = (recordingId: string) =>
  RecordingCaptured.fromPartial({
    tenantId: 'demo',
    profileId: '101',
    recordingId,
    object: { bucket: 'captures', name: recordingId },
  });

export const publishCapture = (bus: Bus, recordingId: string, profileId = '101'): Promise<PublishReceipt> =>
  publishEvent(bus, {
    subject: SUBJECTS.capture('demo', profileId),
    kind: EVENT_KINDS.recordingCaptured,
    id: `captured:${recordingId}`,
    source: 'pipeline',
    data: capture(recordingId),
  });

/** What a client of one's own making can send, and the usual ones refuse to. */
export async function publishRaw(url: string, subject: string, header: string, body: string): Promise<void> {
  const { hostname, port } = new URL(url);
  const headers = `NATS/1.0\r\n${header}\r\n\r\n`;
  const [inHeaders, inAll] = [Buffer.byteLength(headers), Buffer.byteLength(headers + body)];
  const socket = connect(Number(port), hostname);
  socket.write(`CONNECT {"verbose":false,"headers":true}\r\nHPUB ${subject} ${inHeaders} ${inAll}\r\n`);
  socket.write(`${headers}${body}\r\nPING\r\n`);
  for await (const answer of socket) if (String(answer).includes('PONG')) break;
}

/** Resolves when the condition holds; the test's own time limit ends the waiting. */
export async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await condition())) await new Promise((resolve) => setTimeout(resolve, 10));
}
