import { randomUUID } from 'node:crypto';
import type { Access } from '@sealtrack/access/access';
import { CONTENT_CIPHERS } from '@sealtrack/envelope/content-ciphers';
import type { Envelope } from '@sealtrack/envelope/envelope';
import { AppError, hasCode } from '@sealtrack/errors/app-error';
import type { ErrorCode } from '@sealtrack/errors/codes';
import type { CertificateId } from '@sealtrack/ids/ids';
import type { Receiver } from '@sealtrack/sealed-store/receive-secrets';
import type { Log } from '@sealtrack/service-kit/logger';
import type { Signer, StatementVerifier } from '@sealtrack/statements/statement';
import { KEY_ANSWER, type KeyAnswer, parseKeyAnswer } from './domain/key-answer.ts';
import { claimsOf, KEY_REQUEST, type KeyRequest, MAX_REQUEST_BYTES } from './domain/key-request.ts';
import type { CountKeyRequest } from './key-request-metrics.ts';
import type { FindMediaKey, KeyUse } from './key-use.ts';
import type { KeyHolders } from './ports.ts';
import { type Attempt, late, type RaceOptions, raceHolders } from './race-holders.ts';
import type { InTurn } from './turns-of-each.ts';

export interface AskHoldersDeps extends RaceOptions {
  readonly holders: KeyHolders;
  readonly createReceiver: () => Receiver;
  /** By tenant: a holder that is slow is not asked by all at once, again and again, and holds up nobody whose keys are elsewhere. */
  readonly inTurn: InTurn;
  readonly signer: Signer;
  readonly verifier: StatementVerifier;
  readonly access: Access;
  readonly count: CountKeyRequest;
  readonly log: Log;
}

/**
 * The asking side of key routing (ADR 20). An answer counts when it is signed by somebody who may have keys of this tenant by the
 * policy here, and answers this very request; what else comes is as if it had not. The session key comes encrypted to a key that is
 * made for one call of this, and is decrypted when it is used.
 */
export function createAskHolders(deps: AskHoldersDeps): FindMediaKey {
  return async (use, envelope, certificateIds) => {
    const { signal: caller } = use.caller;
    const find = () => {
      const receiver = deps.createReceiver();
      const wanted = toRequest(use, envelope, receiver);
      return raceHolders(
        certificateIds as readonly CertificateId[],
        async (certificateId, signal) => {
          const outcome = await ask(deps, { ...wanted, requestId: randomUUID(), certificateId }, signal);
          if (!('found' in outcome)) return outcome;
          const dek = async () => sessionKey(receiver, outcome.found, envelope);
          return { found: { certificateId, dek } };
        },
        deps,
        caller,
      );
    };
    try {
      return await deps.inTurn(use.tenantId, caller, async () => await find());
    } catch (error) {
      throw hasCode(error, 'KEY_NOT_HELD') ? notHeld(certificateIds, error) : error;
    }
  };
}

type Wanted = Omit<KeyRequest, 'requestId' | 'certificateId'>;

function toRequest(use: KeyUse, envelope: Envelope, { publicKey }: Receiver): Wanted {
  const { tenantId, recordingId, mediaId, action, purpose, accessId, ticket, clientAddress } = use;
  const { names, via, peer, traceparent } = use.caller;
  return {
    ...{ tenantId, recordingId, mediaId, action, purpose, accessId, ticket, clientAddress, traceparent },
    ...{ caller: { names: [...names], via: [...via], peer }, envelope: envelope.der, publicKey },
  };
}

/** One request on the bus. Gives the JWE. */
async function ask(deps: AskHoldersDeps, request: KeyRequest, signal: AbortSignal): Promise<Attempt<string>> {
  const { holders, signer, count, totalMs } = deps;
  const { certificateId } = request;
  const statement = await signer.sign(KEY_REQUEST, claimsOf(request));
  if (statement.length > MAX_REQUEST_BYTES) throw tooLarge();
  const read = (text: string) => readAnswer(deps, request, statement, text);
  const outcome = await holders
    .ask(certificateId, statement, { timeoutMs: totalMs, signal, read })
    .catch((error: unknown) => {
      if (hasCode(error, 'CANCELLED')) count('late');
      throw error;
    });
  if (outcome.kind === 'answer') return judge(deps, outcome.value);
  count(outcome.kind === 'nobody' ? 'not-held' : outcome.kind === 'late' ? 'late' : 'unavailable');
  if (outcome.kind === 'nobody') return { refused: notHeld([certificateId]) };
  return { again: outcome.kind === 'busy' ? busy(certificateId) : late(certificateId) };
}

async function readAnswer(
  { verifier, access, count, log }: AskHoldersDeps,
  { tenantId, certificateId, requestId }: KeyRequest,
  statement: string,
  text: string,
): Promise<KeyAnswer | undefined> {
  try {
    const { names, claims } = await verifier.verify(KEY_ANSWER, text);
    access.authorise(names, 'key.hand-over', tenantId);
    const answer = parseKeyAnswer(claims, statement);
    if (answer !== undefined) return answer;
    log.warn({ certificateId, requestId, by: names }, 'what came is no answer to what was asked');
  } catch (err) {
    if (!hasCode(err, 'PEER_UNTRUSTED') && !hasCode(err, 'PERMISSION_DENIED')) throw err;
    log.warn({ err, certificateId, requestId }, 'an answer came from nobody who is believed');
  }
  count('untrusted');
  return undefined;
}

function judge({ count }: AskHoldersDeps, answer: KeyAnswer): Attempt<string> {
  if ('jwe' in answer) {
    count('opened');
    return { found: answer.jwe };
  }
  const { error } = answer;
  const { code } = error;
  const isRefusal = code === 'PERMISSION_DENIED' || code === 'TICKET_INVALID';
  count(isRefusal ? 'refused' : code === 'KEY_NOT_HELD' ? 'not-held' : 'unavailable');
  // Nobody else would read the envelope in another way, and whoever has too much to do is not to be asked again at once.
  if (code === 'ENVELOPE_INVALID' || code.startsWith('TOO_MANY_')) throw error;
  return AGAIN.has(code) ? { again: error } : { refused: error };
}

/**
 * Another holder may do better: whoever says so may hold the key for another tenant, not have looked yet, or have a store whose key is
 * damaged or was deleted. It may be this very server, which asks because of that, and is asked like all who listen.
 */
const AGAIN: ReadonlySet<ErrorCode> = new Set([
  ...(['KEY_NOT_HELD', 'SEAL_BROKEN', 'CERTIFICATE_DELETED', 'SERVICE_UNAVAILABLE'] as const),
]);

/** The caller's to wipe. */
function sessionKey(receiver: Receiver, jwe: string, { cipher }: Envelope): Buffer {
  const dek = receiver.open(jwe);
  if (dek?.length === CONTENT_CIPHERS[cipher].keySize) return dek;
  dek?.fill(0);
  throw new AppError('SERVICE_UNAVAILABLE', 'What another crypto server has answered does not open', {
    fix: 'See that all crypto servers run the same version of Sealtrack, then try again.',
  });
}

const notHeld = (certificateIds: readonly string[], cause?: AppError): AppError =>
  new AppError('KEY_NOT_HELD', cause?.details.reason === TOO_LARGE ? cause.message : NOBODY, {
    fix: 'Import one of the certificates that it is encrypted to, in certificate_ids, with its private key; or start a crypto server that has one, and see that it is on the same bus and its seal is open.',
    details: { certificate_ids: certificateIds.join(' ') },
    cause,
  });

const NOBODY = 'No private key that opens this recording is held by any crypto server that can be asked';

const TOO_LARGE = 'request-too-large';

const tooLarge = (): AppError =>
  new AppError(
    'KEY_NOT_HELD',
    'No private key that opens this recording is held here, and its envelope is too large to ask other crypto servers',
    { fix: 'Ask a crypto server that holds a key for it.', details: { reason: TOO_LARGE } },
  );

const busy = (certificateId: string): AppError =>
  new AppError('TOO_MANY_DECRYPTIONS', 'The crypto servers that hold the key have too much to do', {
    fix: 'Try again in a moment. If it lasts, start another crypto server that holds the key.',
    details: { certificate_id: certificateId },
  });
