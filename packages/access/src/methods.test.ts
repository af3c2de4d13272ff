import { glob } from 'node:fs/promises';
import { join } from 'node:path';
import { connectRpc, type RpcCallOptions } from '@sealtrack/rpc/client';
import { checkHealth } from '@sealtrack/rpc/health';
import { implement, type RpcServer, startRpcServer } from '@sealtrack/rpc/server';
import { collectingLog } from '@sealtrack/rpc/testing';
import { testCa } from '@sealtrack/rpc/testing/certificates';
import { temporaryFolder } from '@sealtrack/testkit/temporary-folder';
import { openTls } from '@sealtrack/tls/open-tls';
import { PLAINTEXT, type Transport } from '@sealtrack/tls/tls';
import { afterAll, expect, test } from 'vitest';
import { type Access, OPEN_ACCESS } from './access.ts';
import { authoriseActingFor, authoriseCall } from './authorise-call.ts';
import { createAccess } from './create-access.ts';
import { METHODS } from './methods.ts';
import type { Grant, Policy } from './policy.ts';
import { ROLE_NAMES, type Role } from './roles.ts';

interface Method {
  readonly name: string;
  readonly requestStream: boolean;
  readonly responseStream: boolean;
}
interface Definition {
  readonly fullName: string;
  readonly methods: Readonly<Record<string, Method>>;
}

const GEN = join(import.meta.dirname, '../../contracts/src/gen/sealtrack');
const definitions: Definition[] = [];
for await (const file of glob('**/*.ts', { cwd: GEN })) {
  const all: object[] = Object.values(await import(join(GEN, file)));
  definitions.push(...all.filter((each): each is Definition => 'fullName' in each && 'methods' in each));
}

test('each call of each service takes something', () => {
  const wanted = definitions.map(({ fullName, methods }) => [
    fullName,
    Object.values(methods).map(({ name }) => name),
  ]);
  const known = Object.entries(METHODS).map(([service, methods]) => [service, Object.keys(methods)]);
  const sorted = (all: typeof wanted) =>
    all.map(([name, methods]) => [name, [...(methods ?? [])].sort()]).sort();
  expect(sorted(wanted)).toEqual(sorted(known));
});

/** What each role may do, written down once more: a change of it is a decision, not a slip. */
const MAY: Readonly<Record<Role, readonly string[]>> = {
  pipeline: ['PutRecording', 'GetRecording'],
  player: [
    ...['DecryptMedia', 'GetWaveform', 'ExportPkcs7', 'UnwrapKey', 'UnwrapKeys', 'ListTenants'],
    ...reading('Recording'),
  ],
  administrator: [
    ...reading('Recording', 'Certificate', 'Profile'),
    ...['ImportCertificate', 'DeleteCertificate', 'ApproveDeletion', 'RestoreCertificate'],
    ...['CreateProfile', 'UpdateProfile', 'AssignCertificates', 'DeleteProfile', 'SaveScreenSettings'],
    ...['ImportGenesysSettings', ...sealing(), ...backups()],
  ],
  operator: [...reading('Recording', 'Certificate', 'Profile'), ...sealing(), ...backups()],
  auditor: [...reading('Recording', 'Certificate', 'Profile'), 'ListAccesses', 'GetSealStatus'],
  encryptor: ['RewrapHeldMedia'],
  'profile-config': [...reading('Certificate'), 'EnsureHoldingKey'],
  'crypto-server': reading('Recording'),
  gateway: ['DecryptMedia'],
  // By itself nothing: only what those may on whose behalf it calls.
  console: [],
};

function reading(...what: readonly ('Recording' | 'Certificate' | 'Profile')[]): string[] {
  const profile = [
    ...['GetProfile', 'ListProfiles', 'GetScreenSettings', 'GetRollout', 'ExportGenesysSettings'],
    ...['CountAssignments', 'ListTenants'],
  ];
  const recording = [
    ...['GetRecording', 'ListRecordings', 'CountRecordings', 'CountRecordingsOfEach'],
    ...['ListFailedCaptures', 'GetTimeline', 'InspectMedia'],
  ];
  const calls = {
    Recording: recording,
    Certificate: ['GetCertificate', 'ListCertificates'],
    Profile: profile,
  };
  return what.flatMap((each) => calls[each]);
}
function sealing(): string[] {
  return ['GetSealStatus', 'InitializeSeal', 'RenewShares', 'Unseal', 'RotateSeal', 'RotateRoot'];
}
function backups(): string[] {
  return ['BackUpKeys', 'VerifyBackup', 'RestoreKeys'];
}

const folder = await temporaryFolder();
const ca = await testCa(folder.path);
/** Which handlers ran, by the name of the method. */
const ran: string[] = [];
const services = definitions.map((definition) => {
  const handlers = Object.entries(definition.methods).map(
    ([key, { name, requestStream, responseStream }]) => {
      const unary = async (request: unknown) => {
        ran.push(name);
        if (requestStream) for await (const _ of request as AsyncIterable<unknown>);
        return {};
      };
      const stream = async function* (request: unknown) {
        yield await unary(request);
      };
      return [key, responseStream ? stream : unary];
    },
  );
  return implement(definition as never, Object.fromEntries(handlers) as never);
});

let policy: Policy = { version: 1, grants: [] };
const byPolicy = createAccess({ policy: () => policy, where: 'there' });
const start = (transport: Transport, access: Access) =>
  startRpcServer({
    ...{ transport, log: collectingLog(), services, listen: '127.0.0.1:0' },
    access: {
      authorise: (path, names, request) => authoriseCall(access, path, names, request),
      authoriseActingFor: (names, request) => authoriseActingFor(access, names, request),
    },
  });
const tls = await openTls(await ca.issueTo('server.example'), collectingLog());
const secured = await start(tls, byPolicy);
afterAll(async () => {
  await secured.close();
  tls[Symbol.dispose]();
  await folder.remove();
});

type Call = (request: unknown, options: RpcCallOptions) => Promise<unknown> | AsyncIterable<unknown>;

/** Every call there is, by its name: "done", or the code of its error. */
async function callAll(
  { address }: RpcServer,
  transport: Transport,
  tenantId: string,
  options: RpcCallOptions = {},
) {
  const outcomes: Record<string, string> = {};
  await Promise.all(
    definitions.map(async (definition) => {
      await using client = connectRpc(definition as never, address, { transport });
      const calls = Object.entries(definition.methods).map(async ([key, { name, requestStream }]) => {
        const call = (client as unknown as Record<string, Call>)[key];
        const request = requestStream ? firstMessage(name, tenantId) : { tenantId };
        outcomes[name] = await outcomeOf(call?.(request, options));
      });
      await Promise.all(calls);
    }),
  );
  return outcomes;
}

async function* firstMessage(name: string, tenantId: string) {
  yield name === 'PutRecording' ? { part: { $case: 'header', value: { tenantId } } } : {};
}

async function outcomeOf(answer: ReturnType<Call> | undefined): Promise<string> {
  try {
    await (answer instanceof Promise ? answer : Array.fromAsync(answer ?? []));
    return 'done';
  } catch (error) {
    return (error as { code: string }).code;
  }
}

const doneOf = (outcomes: Record<string, string>) =>
  Object.keys(outcomes)
    .filter((name) => outcomes[name] === 'done')
    .sort();
const OF_ALL_TENANTS = [...sealing(), ...backups(), 'ListTenants'];
const ALL = Object.values(METHODS)
  .flatMap((methods) => Object.keys(methods))
  .sort();

test.each(ROLE_NAMES)('%s: the calls of its role and no other, each before its handler', async (role) => {
  using client = await openTls(await ca.issueTo(`${role}.example`), collectingLog());
  const grant: Grant = { who: [`${role}.example`], role, tenants: ['*'] };
  policy = { version: 1, grants: [grant] };
  ran.length = 0;
  const outcomes = await callAll(secured, client, 'acme');
  expect(doneOf(outcomes)).toEqual([...MAY[role]].sort());
  expect(Object.values(outcomes).filter((outcome) => outcome !== 'done')).toEqual(
    ALL.slice(MAY[role].length).map(() => 'PERMISSION_DENIED'),
  );
  expect([...ran].sort()).toEqual([...MAY[role]].sort());

  // For one tenant nothing of others, and nothing of what is about all of them.
  policy = { version: 1, grants: [{ ...grant, tenants: ['acme'] }] };
  const ofOne = MAY[role].filter((name) => !OF_ALL_TENANTS.includes(name));
  expect(doneOf(await callAll(secured, client, 'acme'))).toEqual(ofOne.sort());
});

test('a grant for one tenant is none for another one', async () => {
  using client = await openTls(await ca.issueTo('all.example'), collectingLog());
  policy = {
    version: 1,
    grants: ROLE_NAMES.map((role) => ({ who: ['all.example'], role, tenants: ['acme'] })),
  };
  expect(doneOf(await callAll(secured, client, 'other'))).toEqual([]);
});

test("a console's calls are those of the person on whose behalf it makes them", async () => {
  using client = await openTls(await ca.issueTo('console.example', { also: ['localhost'] }), collectingLog());
  const people = ROLE_NAMES.map((role): Grant => ({ who: [`group:${role}`], role, tenants: ['*'] }));
  const speaking: Grant = { who: ['console.example'], role: 'console', tenants: ['acme'] };
  policy = { version: 1, grants: [...people, { ...speaking, tenants: ['*'] }] };
  const done = async (onBehalfOf: readonly string[], tenantId = 'acme') =>
    doneOf(await callAll(secured, client, tenantId, { onBehalfOf }));
  for (const role of ['player', 'administrator', 'auditor'] as const)
    expect(await done(['user:alice', `group:${role}`])).toEqual([...MAY[role]].sort());
  expect(await done(['user:alice'])).toEqual([]);
  // Who may speak for people at one of its servers speaks for nobody through it.
  expect(await done(['user:alice', 'group:console'])).toEqual([]);

  // Of one tenant, it speaks for nobody about another, nor about all.
  policy = { version: 1, grants: [...people, speaking] };
  const operator = ['user:olga', 'group:operator'];
  expect(await done(operator)).toEqual(MAY.operator.filter((name) => !OF_ALL_TENANTS.includes(name)).sort());
  expect(await done(operator, 'other')).toEqual([]);

  // Whatever else somebody may do, it is not this.
  const everything = ROLE_NAMES.filter((role) => role !== 'console');
  const own = everything.map((role): Grant => ({ who: ['console.example'], role, tenants: ['*'] }));
  policy = { version: 1, grants: [...people, ...own] };
  expect(await done(operator)).toEqual([]);
});

test('somebody whom no grant names may ask for health, and nothing else', async () => {
  using client = await openTls(await ca.issueTo('stranger.example'), collectingLog());
  policy = { version: 1, grants: [{ who: ['a.example', 'anonymous'], role: 'player', tenants: ['*'] }] };
  expect(await checkHealth(secured.address, { transport: client })).toBe('SERVING');
  expect(doneOf(await callAll(secured, client, 'acme'))).toEqual([]);
});

test('in plaintext everybody is anonymous, and without a policy everybody may do everything', async () => {
  policy = { version: 1, grants: [{ who: ['anonymous'], role: 'auditor', tenants: ['acme'] }] };
  await using asGranted = await start(PLAINTEXT, byPolicy);
  const ofAuditor = MAY.auditor.filter((name) => !OF_ALL_TENANTS.includes(name)).sort();
  expect(doneOf(await callAll(asGranted, PLAINTEXT, 'acme'))).toEqual(ofAuditor);
  await using open = await start(PLAINTEXT, OPEN_ACCESS);
  expect(doneOf(await callAll(open, PLAINTEXT, 'acme'))).toEqual(ALL);
});
