import { createHash } from 'node:crypto';
import type { Access } from '@sealtrack/access/access';
import { parseEnvelope } from '@sealtrack/envelope/envelope';
import { type AppError, hasCode, toAppError } from '@sealtrack/errors/app-error';
import { userOf } from '@sealtrack/ids/person-names';
import type { Log } from '@sealtrack/service-kit/logger';
import { continueTrace } from '@sealtrack/service-kit/trace';
import type { Signer, Statement, StatementVerifier } from '@sealtrack/statements/statement';
import type { AuthorisePlayback } from './authorise-playback.ts';
import { callerText } from './caller-context.ts';
import { errorClaims, jweClaims, KEY_ANSWER } from './domain/key-answer.ts';
import { KEY_REQUEST, type KeyRequest, MAX_AGE_MS, parseKeyRequest } from './domain/key-request.ts';
import { countingFailures, type Failures } from './failures.ts';
import type { FindHeldKey } from './find-held-key.ts';
import type { CountKeyRequest } from './key-request-metrics.ts';
import type { OnBehalfOf } from './key-use.ts';
import type { AuditTrail, Clock, EncryptToCaller } from './ports.ts';
import type { RecordRefusals } from './record-refusals.ts';
import type { SeenRequests } from './seen-requests.ts';

export interface AnswerKeyRequestDeps {
  readonly verifier: StatementVerifier;
  readonly signer: Signer;
  readonly access: Access;
  readonly authorise: AuthorisePlayback;
  readonly findHeldKey: FindHeldKey;
  readonly failures: Failures;
  readonly audit: Pick<AuditTrail, 'keyHandedOver'>;
  readonly refusals: Pick<RecordRefusals, 'put'>;
  readonly encryptTo: EncryptToCaller;
  readonly seen: SeenRequests;
  readonly count: CountKeyRequest;
  readonly clock: Clock;
  readonly log: Log;
  /** For the private key, in milliseconds: whoever asked has asked another by then. */
  readonly withinMs: number;
}

/** Who asked, and what, once both are certain. */
interface Asked {
  readonly request: KeyRequest;
  readonly by: Statement;
}

/**
 * The holding side of key routing (ADR 20). What the asking server has signed is believed as its word about the caller, and nothing
 * is done on its word alone: whether that server may have keys, and whether the caller may do what it wants with this tenant's
 * recordings, is decided by the policy and the ticket issuers here, and stands on record here before the key leaves.
 *
 * Gives the answer, or undefined to what gets none: what nobody who is believed has said, what is old, and what came before.
 */
export function createAnswerKeyRequest(deps: AnswerKeyRequestDeps) {
  const { signer, count, log } = deps;
  return async (certificateId: string, text: string): Promise<string | undefined> => {
    const asked = await read(deps, certificateId, text);
    if (asked === undefined) return undefined;
    try {
      const jwe = await handOver(deps, asked);
      count('opened');
      return await signer.sign(KEY_ANSWER, jweClaims(text, jwe));
    } catch (error) {
      const { code } = toAppError(error);
      const ids = { certificateId, requestId: asked.request.requestId, by: asked.by.names };
      if (REFUSED.includes(code)) denied(deps, asked, toAppError(error));
      else if (code !== 'KEY_NOT_HELD') log.warn({ err: error, ...ids }, 'a key was not handed over');
      count(REFUSED.includes(code) ? 'refused' : code === 'KEY_NOT_HELD' ? 'not-held' : 'unavailable');
      return await signer.sign(KEY_ANSWER, errorClaims(text, error));
    }
  };
}

export type AnswerKeyRequest = ReturnType<typeof createAnswerKeyRequest>;

const REFUSED: readonly string[] = ['PERMISSION_DENIED', 'TICKET_INVALID'];

async function read(
  { verifier, seen, count, clock, log }: AnswerKeyRequestDeps,
  certificateId: string,
  text: string,
): Promise<Asked | undefined> {
  let by: Statement;
  try {
    by = await verifier.verify(KEY_REQUEST, text);
  } catch (err) {
    if (!hasCode(err, 'PEER_UNTRUSTED')) throw err;
    count('untrusted');
    log.warn({ err, certificateId }, 'a key was asked for by nobody who is believed');
    return undefined;
  }
  const request = parseKeyRequest(by.claims);
  const age = clock().getTime() - by.said.getTime();
  // Only of what is signed by somebody who is trusted is anything kept in mind.
  if (request?.certificateId === certificateId && age <= MAX_AGE_MS && seen.isNew(request.requestId))
    return { request, by };
  count('untrusted');
  log.warn(
    { certificateId, requestId: request?.requestId, age, by: by.names },
    'a key was asked for in a way that is not known here, too late, or a second time',
  );
  return undefined;
}

async function handOver(deps: AnswerKeyRequestDeps, { request, by }: Asked): Promise<string> {
  const { access, findHeldKey, failures, audit, encryptTo, withinMs } = deps;
  const { tenantId, certificateId, envelope } = request;
  access.authorise(by.names, 'key.hand-over', tenantId);
  const { action, onBehalfOf } = await authoriseCaller(deps, request);
  const encrypt = encryptTo('public_key', request.publicKey);
  const key = await findHeldKey(
    tenantId,
    parseEnvelope(envelope),
    [certificateId],
    AbortSignal.timeout(withinMs),
  );
  const user = { caller: request.caller, onBehalfOf };
  const dek = await countingFailures(failures, user, key.certificateId, key.dek);
  try {
    const { recordingId, mediaId, purpose, accessId } = request;
    const who = { server: by.names.join(' '), caller: callerText(request.caller), action, ...onBehalfOf };
    const envelopeDigest = createHash('sha256').update(envelope).digest('hex');
    await audit.keyHandedOver(
      { tenantId, recordingId, mediaId, certificateId, ...who, purpose, accessId, envelopeDigest },
      continueTrace(request.traceparent),
    );
    return encrypt(dek);
  } finally {
    dek.fill(0);
  }
}

/**
 * As if the caller had come here. That a ticket to export is used once is for the server that was asked to play, which uses it
 * up for all of them; here it only has to be valid.
 */
async function authoriseCaller(
  { access, authorise }: AnswerKeyRequestDeps,
  request: KeyRequest,
): Promise<{ readonly action: string; readonly onBehalfOf: OnBehalfOf }> {
  const { caller, tenantId } = request;
  const user = userOf(caller.names);
  if (user !== undefined) access.authorise(caller.via, 'user.act-for', tenantId);
  if (request.action !== 'unwrap') return await authorise(request);
  access.authorise(caller.names, 'key.unwrap', tenantId);
  return { action: 'unwrap', onBehalfOf: { user: user ?? '', ticketId: '' } };
}

/** Nothing leaves, so that it is refused whether this can be put on record or not. */
function denied(
  { refusals }: AnswerKeyRequestDeps,
  { request, by }: Asked,
  { code, details }: AppError,
): void {
  const { tenantId, recordingId, mediaId, traceparent } = request;
  const { action = 'media.play-for-others' } = details;
  const server = by.names.join(' ');
  // Of a caller that somebody names who may have no keys nothing is known, nor of a person whom nobody may speak for.
  const isUnknown = action === 'key.hand-over' || action === 'user.act-for';
  const caller = action === 'key.hand-over' ? server : `${callerText(request.caller)} through ${server}`;
  const user = isUnknown ? '' : (userOf(request.caller.names) ?? '');
  refusals.put({ tenantId, recordingId, mediaId, caller, action, user, ticketId: '', code }, traceparent);
}
