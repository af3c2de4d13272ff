import type { Bus } from '@sealtrack/bus/bus';
import { createResponder } from '@sealtrack/bus/respond';
import { SUBJECTS } from '@sealtrack/contracts/subjects';
import type { AnswerKeyRequest } from '../answer-key-request.ts';
import { MAX_REQUEST_BYTES } from '../domain/key-request.ts';
import type { KeyRequests } from '../hold-subscriptions.ts';

/** Of crypto servers that hold the same key, one gets each request. */
const QUEUE = 'crypto-server';
/** Half of what may wait for a thread, so that nobody's own callers are crowded out by others'. */
const MAX_IN_FLIGHT = 128;
const PREFIX = SUBJECTS.unwrapKey('');

/** Answers what is asked for the certificates that it is told. Disposed, it takes no more, and answers what it has. */
export function createBusKeyRequests(bus: Bus, answer: AnswerKeyRequest): KeyRequests & AsyncDisposable {
  const responder = createResponder(bus, {
    ...{ queue: QUEUE, maxInFlight: MAX_IN_FLIGHT, maxBytes: MAX_REQUEST_BYTES },
    async handle(subject, body) {
      const answered = await answer(subject.slice(PREFIX.length), Buffer.from(body).toString());
      return answered === undefined ? undefined : Buffer.from(answered);
    },
  });
  return {
    takeFor: (certificateIds) => responder.listenTo(new Set([...certificateIds].map(SUBJECTS.unwrapKey))),
    [Symbol.asyncDispose]: () => responder[Symbol.asyncDispose](),
  };
}
