import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createBusStream } from '@sealtrack/audit-trail/write/bus-stream';
import { createAuditWriter } from '@sealtrack/audit-trail/write/writer';
import { ensureStreams } from '@sealtrack/bus/streams';
import { secureBus } from '@sealtrack/bus/testing/secure-bus';
import { EVENT_KINDS } from '@sealtrack/contracts/event-kinds';
import {
  AccessDenied,
  MediaDecryptRequested,
  MediaRewrapped,
} from '@sealtrack/contracts/gen/sealtrack/events/v1/audit';
import { SUBJECTS } from '@sealtrack/contracts/subjects';
import { createSigner } from '@sealtrack/statements/create-signer';
import { temporaryFolder } from '@sealtrack/testkit/temporary-folder';
import { openTls } from '@sealtrack/tls/open-tls';
import { afterAll, describe, expect, test } from 'vitest';
import { cli } from '../testing/run-cli.ts';

const stack = new AsyncDisposableStack();
afterAll(() => stack.disposeAsync());
const system = stack.use(await secureBus());
const folder = stack.use(await temporaryFolder());
const log = { info: () => {}, warn: () => {}, error: () => {} };

const own = await system.ca.issue('crypto-server');
const tls = stack.use(
  await openTls(
    {
      ...{ certificateFile: own.certificate, certificateKeyFile: own.certificateKey, crlFiles: [] },
      ...{ trustedCaFiles: [own.trustedCa], clients: 'mutual', targetNameCheck: true, minVersion: 'TLSv1.3' },
    },
    log,
  ),
);
const bus = await system.as('crypto-server');
await ensureStreams(bus);
const certificateId = 'ab'.repeat(32);
{
  await using writer = createAuditWriter({
    ...{ stream: createBusStream(bus), signer: createSigner(tls), source: 'crypto-server', log },
  });
  const append = (recordingId: string, user: string, tenantId = 'demo') =>
    writer.append({
      ...{ subject: SUBJECTS.audit(tenantId, 'media-decrypt'), kind: EVENT_KINDS.mediaDecryptRequested },
      data: MediaDecryptRequested.fromPartial({
        ...{ tenantId, recordingId, user, certificateId, caller: 'player.acme localhost', action: 'play' },
      }),
      traceparent: '',
    });
  for (const [id, user] of [
    ['call-1', 'anna'],
    ['call-2', 'ben'],
    ['call-1', 'ben'],
  ] as const)
    await append(id, user);
  await append('call-1', 'anna', 'acme');
  await writer.append({
    ...{ subject: SUBJECTS.audit('demo', 'access-denied'), kind: EVENT_KINDS.accessDenied, traceparent: '' },
    data: AccessDenied.fromPartial({
      tenantId: 'demo',
      caller: 'mallory',
      action: 'media.play',
      user: 'anna',
    }),
  });
  await writer.append({
    ...{ subject: SUBJECTS.audit('demo', 'media-rewrap'), kind: EVENT_KINDS.mediaRewrapped, traceparent: '' },
    data: MediaRewrapped.fromPartial({
      ...{ tenantId: 'demo', caller: 'media-encryptor' },
      keys: [{ recordingId: 'call-9', toCertificateIds: [certificateId] }],
    }),
  });
}

const auditor = await system.ca.issue('auditor');
const env = {
  ...{ SEALTRACK_NATS_URL: system.server.url, SEALTRACK_TLS: 'on' },
  SEALTRACK_TLS_CERTIFICATE: auditor.certificate,
  SEALTRACK_TLS_CERTIFICATE_KEY: auditor.certificateKey,
  SEALTRACK_TLS_TRUSTED_CA: auditor.trustedCa,
};
const run = (...args: string[]) => cli(['audit', ...args], { env, cwd: folder.path });

describe('audit verify', () => {
  test('says what was looked at and who signed, and that nothing is wrong', async () => {
    const { code, text, stderr } = await run('verify');
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(text).toMatch(
      /^8 records, 2\S+Z to 2\S+Z \(1 to 8 on the stream\)\n1 chain, 1 checkpoint, 2 signed by crypto-server\n/,
    );
    expect(text).toContain('Nothing is wrong with them.');
    expect((await run('verify', '--json')).json()).toMatchObject([
      {
        ok: true,
        records: 8,
        chains: 1,
        problems: [],
        open: [],
        signatures: { signers: { 'crypto-server': 2 } },
      },
    ]);
  });

  test('begins in the middle when it is told to', async () => {
    const [report] = (await run('verify', '--since', '2020-01-01', '--json')).json();
    expect(report).toMatchObject({ ok: true, beginsInMiddle: false, records: 8 });
    expect((await run('verify', '--since', '2100-01-01')).text).toBe('There are no audit records.\n');
  });

  test('of a copy, elsewhere: what somebody did to it is named, and makes the exit code 1', async () => {
    const exported = await run('export', '--out', 'audit.jsonl', '--json');
    expect(exported.json()).toMatchObject([{ records: 8, file: join(folder.path, 'audit.jsonl') }]);
    const offline = (file: string, ...args: string[]) =>
      cli(['audit', 'verify', '--file', file, ...args], { cwd: folder.path });
    const trusting = (file: string, ...args: string[]) =>
      offline(file, '--trusted-ca', system.ca.trustedCa, ...args);
    expect(await trusting('audit.jsonl')).toMatchObject({ code: 0, stderr: '' });
    const unjudged = await offline('audit.jsonl');
    expect(unjudged).toMatchObject({ code: 0, text: expect.stringContaining('signatures NOT looked at') });

    const lines = readFileSync(join(folder.path, 'audit.jsonl'), 'utf8').trimEnd().split('\n');
    const damaged = async (name: string, changed: readonly string[]) => {
      writeFileSync(join(folder.path, name), changed.join('\n'));
      return await trusting(name);
    };
    expect(await damaged('removed', lines.toSpliced(3, 1))).toMatchObject({
      ...{ code: 1, stderr: '' },
      text: expect.stringMatching(
        /WRONG {2}removed {2}at 5 on the stream.*Record 4 of chain \w{8} is missing\.\nOne thing is wrong\.\nfix: /,
      ),
    });
    const edited = lines.with(3, (lines[3] ?? '').replace('call-1', 'call-7'));
    expect((await damaged('edited', edited)).text).toContain('Record 4 of chain');
    const cut = await damaged('cut', lines.slice(0, -1));
    expect(cut).toMatchObject({
      code: 0,
      text: expect.stringMatching(/not closed: chain .*; no checkpoint vouches for its last 6\n/),
    });
    expect(await damaged('broken', lines.with(2, '{"sequence":'))).toMatchObject({
      ...{ code: 2, stderr: expect.stringContaining('Line 3 is no audit record') },
    });
    const piped = await cli(['audit', 'verify', '--file', '-'], { stdin: [Buffer.from(lines.join('\n'))] });
    expect(piped.text).toContain('8 records');
  });

  test('by another CA nobody has signed', async () => {
    const other = join(folder.path, 'other.pem');
    writeFileSync(other, readFileSync(auditor.certificate));
    const { code, json } = await run('verify', '--trusted-ca', other, '--json');
    expect(code).toBe(1);
    expect(json()).toMatchObject([{ problems: [{ kind: 'untrusted' }, { kind: 'untrusted' }] }]);
    expect((await run('verify', '--crl', other)).code).toBe(2);
  });
});

describe('audit search', () => {
  test.each<[string[], number[]]>([
    [
      ['--recording', 'call-1'],
      [2, 4, 5],
    ],
    [['--recording', 'call-9'], [7]],
    [['--recording', 'call-1', '--tenant', 'acme'], [5]],
    [
      ['--user', 'anna'],
      [2, 5, 6],
    ],
    [
      ['--caller', 'player.acme', '--user', 'ben'],
      [3, 4],
    ],
    [['--action', 'access-denied'], [6]],
    [
      ['--action', 'play', '--limit', '2'],
      [2, 3],
    ],
    [
      ['--certificate', 'abab'],
      [2, 3, 4, 5, 7],
    ],
    [['--since', '2100-01-01'], []],
    [['--until', '2020-01-01'], []],
  ])('%j', async (args, found) => {
    const { code, json } = await run('search', ...args, '--json');
    expect({ code, found: json().map((record) => (record as { sequence: number }).sequence) }).toEqual({
      code: 0,
      found,
    });
  });

  test('is readable', async () => {
    const { text } = await run('search', '--user', 'anna', '--limit', '1');
    expect(text).toMatch(
      /^2 {2}2\S+Z {2}audit\.demo\.media-decrypt {2}\{"tenantId":"demo",.*"user":"anna".*\}\n$/,
    );
  });
});

test('nobody else may look', async () => {
  const { certificate, certificateKey } = await system.ca.issue('administrator');
  const { code, stderr } = await cli(['audit', 'verify'], {
    env: { ...env, SEALTRACK_TLS_CERTIFICATE: certificate, SEALTRACK_TLS_CERTIFICATE_KEY: certificateKey },
  });
  expect({ code, stderr }).toEqual({ code: 3, stderr: expect.stringContaining('not permitted') });
});
