import type { Bus } from '@sealtrack/bus/bus';
import { createTurns } from '@sealtrack/envelope/turns';
import { createReceiver } from '@sealtrack/sealed-store/receive-secrets';
import type { Metrics } from '@sealtrack/service-kit/metrics';
import { createSigner } from '@sealtrack/statements/create-signer';
import { createStatementVerifier } from '@sealtrack/statements/create-verifier';
import type { Transport } from '@sealtrack/tls/tls';
import { type AnswerKeyRequestDeps, createAnswerKeyRequest } from '../answer-key-request.ts';
import { createAskHolders } from '../ask-holders.ts';
import { MAX_AGE_MS } from '../domain/key-request.ts';
import { createHoldSubscriptions, type HoldSubscriptionsDeps } from '../hold-subscriptions.ts';
import { createKeyRequestMetrics } from '../key-request-metrics.ts';
import type { FindMediaKey } from '../key-use.ts';
import { createSeenRequests } from '../seen-requests.ts';
import { createTurnsOfEach } from '../turns-of-each.ts';
import { createBusKeyHolders } from './bus-key-holders.ts';
import { createBusKeyRequests } from './bus-key-requests.ts';

/** Session keys between the crypto servers of one bus (ADR 20). Disposed, this one is asked for no more. */
export interface KeyRouting extends AsyncDisposable {
  readonly askHolders: FindMediaKey;
  readonly subscriptions: ReturnType<typeof createHoldSubscriptions>;
}

type UseCaseDeps = Omit<AnswerKeyRequestDeps, 'signer' | 'verifier' | 'count' | 'seen' | 'withinMs'> &
  Omit<HoldSubscriptionsDeps, 'requests'>;

export interface KeyRoutingOptions extends UseCaseDeps {
  readonly bus: Bus;
  readonly transport: Transport;
  readonly metrics: Metrics;
}

const TOTAL_MS = 10_000;
/** Many times what an answer takes that comes at all. */
const EVERY_MS = 500;
/** A statement of a clock that is as much ahead as is believed comes again for so long. */
const KEEP_MS = 2 * MAX_AGE_MS + 5_000;
const MAX_KEPT = 50_000;

/** What one server asks of all others for one tenant; beyond those that wait it says TOO_MANY_DECRYPTIONS, as for its own keys. */
const AT_ONCE = 32;
const MAX_WAITING = 256;

/** Undefined in plaintext, where nobody could be believed. */
export function createKeyRouting(options: KeyRoutingOptions): KeyRouting | undefined {
  const { bus, transport, metrics, ...deps } = options;
  const signer = createSigner(transport);
  if (signer === undefined) return undefined;
  const verifier = createStatementVerifier(transport);
  const count = createKeyRequestMetrics(metrics);
  const answer = createAnswerKeyRequest({
    ...{ ...deps, signer, verifier, count: count.holding, withinMs: TOTAL_MS },
    seen: createSeenRequests({ keepMs: KEEP_MS, max: MAX_KEPT }),
  });
  const requests = createBusKeyRequests(bus, answer);
  return {
    askHolders: createAskHolders({
      ...{ ...deps, signer, verifier, count: count.asking, everyMs: EVERY_MS, totalMs: TOTAL_MS },
      holders: createBusKeyHolders(bus),
      createReceiver,
      inTurn: createTurnsOfEach(() => createTurns(AT_ONCE, MAX_WAITING)),
    }),
    subscriptions: createHoldSubscriptions({ ...deps, requests }),
    [Symbol.asyncDispose]: () => requests[Symbol.asyncDispose](),
  };
}
