import type { Access } from '@sealtrack/access/access';
import { AUDIT_SIGNERS } from '@sealtrack/audit-trail/verify/judge-statement';
import type { Bus } from '@sealtrack/bus/bus';
import type { Log } from '@sealtrack/service-kit/logger';
import type { Metrics } from '@sealtrack/service-kit/metrics';
import { createStatementVerifier } from '@sealtrack/statements/create-verifier';
import { PLAINTEXT, type Transport } from '@sealtrack/tls/tls';
import { createLiveHub } from '../live-hub.ts';
import { type AskSeals, createLiveState } from '../live-state.ts';
import type { Certificates } from '../ports.ts';
import { createVerifyAudit } from '../verify-audit.ts';
import type { HealthWatch } from '../watch-health.ts';
import { createBusAuditLog } from './bus-audit-log.ts';
import { createBusState } from './bus-state.ts';
import { feedEvents } from './event-feed.ts';
import type { Handlers } from './handler.ts';
import { createLiveMetrics } from './live-metrics.ts';
import { createPersonSlots } from './person-slots.ts';
import { createAuditHandlers } from './routes/audit.ts';
import { createDeadLetterHandlers } from './routes/dead-letters.ts';
import { createLiveHandlers } from './routes/live.ts';

export interface BusHandlersDeps {
  readonly bus: Bus;
  readonly certificates: Pick<Certificates, 'listCertificates'>;
  readonly askSeals: AskSeals;
  readonly health: HealthWatch;
  readonly access: Access;
  readonly transport: Transport;
  readonly metrics: Metrics;
  readonly log: Log;
}

export interface BusHandlers extends AsyncDisposable {
  readonly groups: readonly Handlers[];
}

/** Events of a second reach browsers in four parts. */
const TICK_MS = 250;
/** A page has two, and people have several pages open. */
const STREAMS = { ofOne: 16, ofAll: 1_000, what: 'pages that follow what happens' };
const EXPORTS = { ofOne: 2, ofAll: 8, what: 'exports of the audit log' };

/** Answers of what the bus knows; what happens there is followed from now on until it is disposed. */
export function createBusHandlers(deps: BusHandlersDeps): BusHandlers {
  const { bus, certificates, askSeals, health, access, transport, log } = deps;
  const stop = new AbortController();
  const hub = createLiveHub(Date.now);
  const metrics = createLiveMetrics(deps.metrics);
  const timer = setInterval(() => hub.tick(), TICK_MS);
  const feeding = feedEvents({ bus, hub, metrics, log, signal: stop.signal }).catch((err: unknown) => {
    // It goes on through everything but the end of this process's connection.
    if (!stop.signal.aborted) log.error({ err }, 'events are followed no longer');
  });
  const auditLog = createBusAuditLog(bus);
  const now = () => new Date();
  return {
    groups: [
      createLiveHandlers({
        ...{ hub, health, askSeals, access, metrics },
        state: createLiveState({ busState: createBusState(bus), certificates, askSeals, health, now, log }),
        slots: createPersonSlots(STREAMS),
      }),
      createDeadLetterHandlers({ bus, log }),
      createAuditHandlers({
        ...{ auditLog, access, metrics },
        exports: createPersonSlots(EXPORTS),
        verify: createVerifyAudit({
          read: (signal) => auditLog.read({ signal }),
          count: () => auditLog.count(),
          judges: {
            verifier: transport === PLAINTEXT ? undefined : createStatementVerifier(transport),
            servers: AUDIT_SIGNERS,
          },
        }),
      }),
    ],
    async [Symbol.asyncDispose]() {
      stop.abort();
      clearInterval(timer);
      await feeding;
    },
  };
}
