import { createBusStream } from '@sealtrack/audit-trail/write/bus-stream';
import { type AuditWriter, createAuditWriter } from '@sealtrack/audit-trail/write/writer';
import type { Bus } from '@sealtrack/bus/bus';

const log = { info: () => {}, warn: () => {}, error: () => {} };

/** As that of the service, and signed by nobody. */
export const auditWriterOn = (bus: Bus, options: { readonly deadlineMs?: number } = {}): AuditWriter =>
  createAuditWriter({
    ...{ stream: createBusStream(bus), signer: undefined, source: 'crypto-server', log, ...options },
  });
