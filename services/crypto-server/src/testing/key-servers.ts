import { createAccess } from '@sealtrack/access/create-access';
import type { Grant } from '@sealtrack/access/policy';
import { parseCertificate } from '@sealtrack/certificates/certificate';
import { createSelfSigned } from '@sealtrack/certificates/self-signed';
import type { AccessDenied, MediaKeyHandedOver } from '@sealtrack/contracts/gen/sealtrack/events/v1/audit';
import { decryptKeyHere } from '@sealtrack/envelope/decrypt-key';
import { parseEnvelope } from '@sealtrack/envelope/envelope';
import { recipientFromCertificate } from '@sealtrack/envelope/recipient';
import { createMediaSealer } from '@sealtrack/envelope/seal-media';
import { createTurns } from '@sealtrack/envelope/turns';
import { unwrapDek } from '@sealtrack/envelope/unwrap';
import { parseMediaId, parseRecordingId, parseTenantId } from '@sealtrack/ids/parse';
import { once } from '@sealtrack/media-store/read-all';
import { createEncrypterTo } from '@sealtrack/sealed-store/encrypt-to-key';
import { createReceiver } from '@sealtrack/sealed-store/receive-secrets';
import { noMetrics } from '@sealtrack/service-kit/metrics';
import { noteLines } from '@sealtrack/service-kit/testing/note-lines';
import { createSigner } from '@sealtrack/statements/create-signer';
import { createStatementVerifier } from '@sealtrack/statements/create-verifier';
import { ticketInvalid } from '@sealtrack/tickets/ticket-invalid';
import { openTls } from '@sealtrack/tls/open-tls';
import { type Ca, createCa } from '@sealtrack/tls/testing/issue-peers';
import { tlsFolder } from '@sealtrack/tls/testing/tls-folder';
import { afterAll } from 'vitest';
import { createAnswerKeyRequest } from '../answer-key-request.ts';
import { createAskHolders } from '../ask-holders.ts';
import { createAuthorisePlayback } from '../authorise-playback.ts';
import { createFailures } from '../failures.ts';
import { createFindHeldKey } from '../find-held-key.ts';
import type { KeyUse } from '../key-use.ts';
import type { AskOptions, HolderOutcome, KeyHolders } from '../ports.ts';
import { createSeenRequests } from '../seen-requests.ts';
import { createTurnsOfEach } from '../turns-of-each.ts';

export const tenantId = parseTenantId('acme');
const ca = createCa('Test CA');
const foreignCa = createCa('Test CA');
const stack = new AsyncDisposableStack();
afterAll(() => stack.disposeAsync());

const owner = await createSelfSigned({ commonName: 'Recordings' });
const certificate = parseCertificate(owner.certificatePem);
export const { certificateId } = certificate;
const { privateKey } = owner;

/** A recording's envelope, and the session key in it. */
export async function sealed() {
  const sealer = createMediaSealer({ suite: 'cms', recipients: [recipientFromCertificate(certificate)] });
  await Array.fromAsync(sealer.seal(once(Buffer.from('the sound of a call'))));
  const envelope = parseEnvelope(sealer.finish().envelope);
  return { envelope, dek: await unwrapDek(envelope, { certificate, privateKey }, decryptKeyHere) };
}

/** Who says something, of the CA that all trust unless told. */
export async function party(name: string, { of = ca as Ca } = {}) {
  const { log } = noteLines();
  const tls = stack.use(await openTls(stack.use(await tlsFolder(of, of.issue(name))).settings, log));
  const signer = createSigner(tls);
  if (signer === undefined) throw new Error('It signs');
  return { name, signer, verifier: createStatementVerifier(tls) };
}
export const stranger = () => party('crypto-1', { of: foreignCa });

export const GRANTS: readonly Grant[] = [
  { who: ['crypto-1', 'crypto-2', 'crypto-3'], role: 'crypto-server', tenants: ['acme'] },
  { who: ['crypto-of-beta'], role: 'crypto-server', tenants: ['beta'] },
  { who: ['player'], role: 'player', tenants: ['acme'] },
  { who: ['gateway'], role: 'gateway', tenants: ['acme'] },
  { who: ['administrator'], role: 'administrator', tenants: ['*'] },
  { who: ['console'], role: 'console', tenants: ['*'] },
  { who: ['group:listeners'], role: 'player', tenants: ['acme'] },
];

interface ServerOptions {
  readonly grants?: readonly Grant[];
  readonly holds?: boolean;
  readonly audit?: () => Promise<void>;
  readonly clock?: () => Date;
  /** Instead of an RSA operation. */
  readonly decrypt?: () => Promise<Buffer>;
}

/** A crypto server as far as it asks others, and answers them. */
export async function server(name: string, options: ServerOptions = {}) {
  const { grants = GRANTS, holds = true, audit = async () => {}, clock = () => new Date() } = options;
  const { decrypt = decryptKeyHere } = options;
  const { signer, verifier } = await party(name);
  const { lines, log } = noteLines();
  const outcomes: string[] = [];
  const count = (outcome: string) => void outcomes.push(outcome);
  const access = createAccess({ policy: () => ({ version: 1, grants }), where: 'in the test' });
  const verify = async (ticket: string) => {
    if (ticket !== 'good') throw ticketInvalid('bad-signature');
    const ids = { tenantId, recordingId: use.recordingId, mediaId: use.mediaId };
    const said = { ticketId: 't-1', issuer: 'crm', user: 'anna', clientAddress: undefined };
    return { ...ids, ...said, action: 'play' as const, expires: new Date() };
  };
  const used = {
    use: async () => {
      throw new Error('A holder uses no ticket up');
    },
  };
  const handedOver: MediaKeyHandedOver[] = [];
  const denied: AccessDenied[] = [];
  const deks: Buffer[] = [];
  const answer = createAnswerKeyRequest({
    ...{ signer, verifier, access, count, clock, log, withinMs: 5_000 },
    authorise: createAuthorisePlayback({ access, tickets: { verify }, used }),
    findHeldKey: createFindHeldKey({
      openKeys: {
        get: async (tenant, id) =>
          holds && tenant === tenantId && id === certificateId ? { certificate, privateKey } : undefined,
      },
      decryptKey: async (...operation) => {
        const dek = await decrypt(operation[0], operation[1], operation[2]);
        deks.push(dek);
        return dek;
      },
    }),
    failures: createFailures({ perMinute: 2, now: () => 0, metrics: noMetrics, log }),
    audit: {
      async keyHandedOver(record) {
        await audit();
        handedOver.push(record);
      },
    },
    refusals: { put: (record) => void denied.push(record) },
    encryptTo: createEncrypterTo(),
    seen: createSeenRequests({ keepMs: 60_000, max: 1_000 }),
  });
  const asking = (holders: KeyHolders) =>
    createAskHolders({
      ...{ holders, createReceiver, signer, verifier, access, count, log, everyMs: 20, totalMs: 400 },
      inTurn: createTurnsOfEach(() => createTurns(2, 2)),
    });
  return { signer, verifier, answer, asking, handedOver, denied, deks, outcomes, lines };
}

/** What answers a request: a server, somebody in its place, or nothing at all. */
export type Answers = (id: string, statement: string) => Promise<string | undefined | (string | undefined)[]>;

/** As it is at the end of the bus. */
export type Holder = Answers | 'hangs' | 'busy';

/** One request after the other goes to the next of these; what each says comes back, in order. */
export function bus(...holders: readonly Holder[]) {
  const crossed: string[] = [];
  let next = 0;
  const holdersPort: KeyHolders = {
    async ask<T>(id: string, statement: string, { read, signal, timeoutMs }: AskOptions<T>) {
      crossed.push(statement);
      const holder = holders[next++ % holders.length];
      if (holder === undefined) return { kind: 'nobody' };
      if (holder === 'busy') return { kind: 'busy' };
      const said = holder === 'hangs' ? undefined : await holder(id, statement);
      for (const each of [said].flat()) {
        if (each === undefined) continue;
        crossed.push(each);
        const value = await read(each);
        if (value !== undefined) return { kind: 'answer', value };
      }
      return await unanswered<T>(signal, timeoutMs);
    },
  };
  return { holders: holdersPort, crossed };
}

const unanswered = <T>(signal: AbortSignal, timeoutMs: number) =>
  new Promise<HolderOutcome<T>>((resolve) => {
    const late = () => resolve({ kind: 'late' });
    signal.addEventListener('abort', late);
    setTimeout(late, timeoutMs);
  });

export const use: KeyUse = {
  ...{ tenantId, recordingId: parseRecordingId('call-1'), mediaId: parseMediaId('main') },
  ...{ action: 'play', purpose: 'a test', accessId: '3b241101-e2bb-4255-8caf-4136c566a962' },
  caller: {
    signal: new AbortController().signal,
    peer: '192.0.2.1:7',
    names: ['player'],
    via: [],
    traceparent: '',
  },
  ...{ onBehalfOf: { user: '', ticketId: '' }, ticket: '', clientAddress: '' },
};

export const by = (name: string, more: Partial<KeyUse> = {}): KeyUse => ({
  ...use,
  caller: { ...use.caller, names: [name] },
  ...more,
});
