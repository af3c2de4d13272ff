/** Whose call it is that a console makes: a person's, by the person's rights, and by nobody's word but a console's. */
import { RecordingServiceDefinition } from '@sealtrack/contracts/gen/sealtrack/recordings/v1/recordings';
import { AppError } from '@sealtrack/errors/app-error';
import { temporaryFolder } from '@sealtrack/testkit/temporary-folder';
import { openTls } from '@sealtrack/tls/open-tls';
import { Metadata } from 'nice-grpc-common';
import { afterAll, beforeEach, expect, test } from 'vitest';
import type { CallAccess, RefusedCall } from './call-access.ts';
import { connectRpc } from './client.ts';
import { ON_BEHALF_OF } from './on-behalf-of.ts';
import { startRpcServer } from './server.ts';
import { testCa } from './testing/certificates.ts';
import { collectingLog, recordings } from './testing.ts';

const stack = new AsyncDisposableStack();
afterAll(() => stack.disposeAsync());
const folder = stack.adopt(await temporaryFolder(), (it) => it.remove());
const ca = await testCa(folder.path);
const log = collectingLog();
const open = async (name: string, also: readonly string[] = []) =>
  stack.use(await openTls(await ca.issueTo(name, { also }), collectingLog()));

const denied = () => new AppError('PERMISSION_DENIED', 'You may not', { fix: 'Ask somebody.' });
const asked: (readonly string[])[] = [];
const refused: RefusedCall[] = [];
const handled: unknown[] = [];
const access: CallAccess = {
  authorise: (_path, names) => {
    asked.push(names);
    if (!names.some((name) => name === 'group:operators' || name === 'operator')) throw denied();
  },
  authoriseActingFor: (names) => {
    if (!names.includes('console')) throw denied();
  },
  refused: (call) => void refused.push(call),
};
const start = async (given: CallAccess, transport = own) =>
  stack.use(
    await startRpcServer({
      ...{ transport, listen: '127.0.0.1:0', log, access: given },
      services: [
        recordings(async (_request, { caller, via }) => {
          handled.push({ caller, via });
          return {};
        }),
      ],
    }),
  );
const { authoriseActingFor: _, ...withoutActing } = access;
const own = await open('server');
const server = await start(access);
const console = await open('console', ['localhost']);
const clientOf = (transport: typeof own, to = server) =>
  stack.use(connectRpc(RecordingServiceDefinition, to.address, { transport }));
const fromConsole = clientOf(console);
beforeEach(() => {
  for (const each of [asked, refused, handled, log.lines]) each.length = 0;
});

const request = { tenantId: 'demo', recordingId: 'r1' };
const alice = ['user:alice', 'group:operators'];
const lines = () => log.lines.map(({ fields: { caller, via, status } }) => ({ caller, via, status }));

test("the person's names are asked about, handled and logged, with the console's beside them", async () => {
  await fromConsole.getRecording(request, { onBehalfOf: alice });
  const who = { caller: alice, via: ['console', 'localhost'] };
  expect(asked).toEqual([alice]);
  expect(handled).toEqual([who]);
  expect(lines()).toEqual([{ ...who, status: 'OK' }]);
});

test("a person's rights count, and the console's do not add to them", async () => {
  const bob = ['user:bob', 'group:players'];
  const call = fromConsole.getRecording(request, { onBehalfOf: bob });
  await expect(call).rejects.toMatchObject({ code: 'PERMISSION_DENIED' });
  expect([asked, handled]).toEqual([[bob], []]);
  expect(refused).toMatchObject([{ names: bob, via: ['console', 'localhost'] }]);
  // Nor are they those of the call before.
  await expect(fromConsole.getRecording(request)).rejects.toMatchObject({ code: 'PERMISSION_DENIED' });
  expect(asked[1]).toEqual(['console', 'localhost']);
});

test.each([
  ['a console, to a server whose access knows of none', 'console', () => start(withoutActing)],
  ['somebody else', 'playback', async () => server],
  ['somebody who might make the call himself', 'operator', async () => server],
])('%s speaks for nobody', async (_, name, to) => {
  const client = clientOf(await open(name), await to());
  const call = client.getRecording(request, { onBehalfOf: alice });
  await expect(call).rejects.toMatchObject({ code: 'PERMISSION_DENIED' });
  expect([asked, handled]).toEqual([[], []]);
  // Alice has not done this.
  expect(refused).toMatchObject([{ names: [name], via: [] }]);
  expect(lines()[0]).toMatchObject({ via: undefined });
});

test('a certificate that says user:alice and group:operators is for nobody of that name', async () => {
  const client = clientOf(await open('thief', ['user:alice', 'group:operators', 'thief.example']));
  await expect(client.getRecording(request)).rejects.toMatchObject({ code: 'PERMISSION_DENIED' });
  expect(asked).toEqual([['thief', 'thief.example']]);
});

const LONG = `user:${'a'.repeat(128)}`;
const groups = (count: number) => Array.from({ length: count }, (_, i) => `group:g${i}`);
test.each<[string, string | readonly string[], string]>([
  ['nothing', '', 'INVALID_ARGUMENT'],
  ['no user', 'group:operators', 'INVALID_ARGUMENT'],
  ['two users', 'user:alice user:bob group:operators', 'INVALID_ARGUMENT'],
  ['one user twice', 'user:alice user:alice group:operators', 'INVALID_ARGUMENT'],
  ['a DNS name', 'user:alice group:operators administrator', 'INVALID_ARGUMENT'],
  ['a DNS name alone', 'administrator', 'INVALID_ARGUMENT'],
  ['another kind', 'user:alice role:operators', 'INVALID_ARGUMENT'],
  ['upper case', 'user:Alice group:operators', 'INVALID_ARGUMENT'],
  ['two spaces', 'user:alice  group:operators', 'INVALID_ARGUMENT'],
  ['a comma', 'user:alice,group:operators', 'INVALID_ARGUMENT'],
  ['a name that is too long', `${LONG}a group:operators`, 'INVALID_ARGUMENT'],
  ['too many names', ['user:alice', 'group:operators', ...groups(63)].join(' '), 'INVALID_ARGUMENT'],
  ['the header twice', ['user:alice group:operators', 'user:alice group:operators'], 'INVALID_ARGUMENT'],
  ['half in each header', ['user:alice', 'group:operators'], 'INVALID_ARGUMENT'],
  ['as much as there may be', [LONG, 'group:operators', ...groups(62)].join(' '), ''],
  ['every character', 'user:a-z.0_9+x@example.com group:operators', ''],
])('a header with %s', async (_, value, code) => {
  const metadata = Metadata();
  for (const each of [value].flat()) metadata.append(ON_BEHALF_OF, each);
  const call = fromConsole.getRecording(request, { metadata }).then(
    () => '',
    (error: AppError) => error.code,
  );
  expect(await call).toBe(code);
  expect(handled.length).toBe(code === '' ? 1 : 0);
});

test('names of no person are not sent at all: without them the call would be its own', async () => {
  for (const onBehalfOf of [[], ['group:operators'], ['console']])
    await expect(fromConsole.getRecording(request, { onBehalfOf })).rejects.toMatchObject({
      code: 'INVALID_ARGUMENT',
      details: { field: ON_BEHALF_OF },
    });
  expect(log.lines).toEqual([]);
});
