import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { bootstrap, type Party, type PartyFiles, partyFiles } from '@sealtrack/authority/bootstrap';
import { AppError } from '@sealtrack/errors/app-error';
import { startRpcServer } from '@sealtrack/rpc/server';
import { decryption, ingest, recordings } from '@sealtrack/rpc/testing';
import { temporaryFolder } from '@sealtrack/testkit/temporary-folder';
import { openTls } from '@sealtrack/tls/open-tls';
import { afterAll, describe, expect, test } from 'vitest';
import { announceCurrentSystem, CLI_PARTIES, type CliParty } from './current-system.ts';
import type { Finding } from './doctor/finding.ts';
import { type CliOptions, cli } from './testing/run-cli.ts';
import { createStubBackup, stubBackupService } from './testing/stub-backup.ts';
import { createStubCertificates, stubCertificateService } from './testing/stub-certificates.ts';
import { createStubProfiles, stubProfileService } from './testing/stub-ivr-profiles.ts';
import { createStubSeal, stubSealService } from './testing/stub-seal.ts';

const folder = await temporaryFolder();
const tls = join(folder.path, 'tls');
await bootstrap({ dir: tls });
const own = partyFiles(tls, 'crypto-server');
const log = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };
const transport = await openTls(
  {
    certificateFile: own.certificate,
    certificateKeyFile: own.certificateKey,
    trustedCaFiles: [own.trustedCa],
    crlFiles: [],
    clients: 'mutual',
    targetNameCheck: true,
    minVersion: 'TLSv1.2',
  },
  log,
);
/** Who has come, by "Service/Method", and who is turned away. */
const callers = new Map<string, string>();
let refusing = false;
const certificates = createStubCertificates();
const server = await startRpcServer({
  access: {
    authorise: (path, [name = '']) => {
      callers.set(path.replace(/^.*\./, ''), name);
      if (refusing) throw new AppError('PERMISSION_DENIED', `${name} may not`, { fix: 'Ask for the role.' });
    },
  },
  ...{ transport, log },
  listen: '127.0.0.1:0',
  services: [
    stubSealService(createStubSeal()),
    stubBackupService(createStubBackup()),
    stubCertificateService(certificates),
    stubProfileService(createStubProfiles(certificates)),
    ingest(async () => 0),
    recordings(async () => ({})),
    decryption(async function* () {}),
  ],
});
afterAll(async () => {
  await server.close();
  transport[Symbol.dispose]();
  await folder.remove();
});

const TOLD = { SEALTRACK_CRYPTO_ADDRESS: server.address, SEALTRACK_TLS: undefined };
const NOT_TOLD = { SEALTRACK_CRYPTO_ADDRESS: undefined, SEALTRACK_TLS: undefined };
const ALL_NOT_TOLD = {
  ...NOT_TOLD,
  ...{ SEALTRACK_INGEST_ADDRESS: undefined, SEALTRACK_RECORDINGS_ADDRESS: undefined },
  ...{ SEALTRACK_PROFILES_ADDRESS: undefined, SEALTRACK_NATS_URL: undefined },
};
const variables = (party: Party) => {
  const { certificate, certificateKey, trustedCa } = partyFiles(tls, party);
  return {
    SEALTRACK_TLS_CERTIFICATE: certificate,
    SEALTRACK_TLS_CERTIFICATE_KEY: certificateKey,
    SEALTRACK_TLS_TRUSTED_CA: trustedCa,
  };
};
const flags = (party: Party, dir = tls) => {
  const { certificate, certificateKey, trustedCa } = partyFiles(dir, party);
  return [
    '--tls-certificate',
    certificate,
    '--tls-certificate-key',
    certificateKey,
    '--tls-trusted-ca',
    trustedCa,
  ];
};
const status = (args: readonly string[], options: CliOptions) => cli([...args, 'seal', 'status'], options);

/** A folder in which `npm start` has announced the system, with what there is to connect with. */
function announced(name: string, isSecured: boolean): string {
  const cwd = join(folder.path, name);
  mkdirSync(join(cwd, '.data'), { recursive: true });
  const { address: crypto } = server;
  const system = {
    ...{ pid: process.pid, startedAt: '2026-03-01T12:00:00Z', natsUrl: 'nats://127.0.0.1:1' },
    addresses: { ingest: crypto, recordings: crypto, crypto, profiles: crypto },
  };
  const everybody = Object.fromEntries(CLI_PARTIES.map((party) => [party, partyFiles(tls, party)]));
  announceCurrentSystem(
    { ...system, ...(isSecured && { tls: everybody as Record<CliParty, PartyFiles> }) },
    cwd,
  );
  return cwd;
}

test('a system that was found is connected to with what it has announced', async () => {
  const cwd = announced('secured', true);
  // The certificate of another system, as a shell may have it.
  const env = { ...NOT_TOLD, SEALTRACK_TLS_CERTIFICATE: '/nowhere/cert.pem' };
  const { code, text, stderr } = await status([], { cwd, env });
  expect([code, stderr]).toEqual([0, '']);
  expect(text).toContain('open');
});

test.each([
  ['recordings put package.json --profile 101 --no-wait', 'IngestService/PutRecording', 'pipeline'],
  ['recordings get call-1 --out -', 'DecryptionService/DecryptMedia', 'player'],
  ['recordings splice call-1 --out -', 'DecryptionService/ExportPkcs7', 'player'],
  ['recordings list', 'RecordingService/ListRecordings', 'administrator'],
  ['certificates list', 'CertificateService/ListCertificates', 'administrator'],
  ['profiles list', 'ProfileService/ListProfiles', 'administrator'],
  ['seal status', 'SealService/GetSealStatus', 'operator'],
  ['root rotate', 'SealService/RotateRoot', 'operator'],
  ['keys backup --out -', 'BackupService/BackUpKeys', 'operator'],
])('there %s is as whoever has the role for it', async (command, method, party) => {
  refusing = true;
  const cwd = announced('roles', true);
  writeFileSync(join(cwd, 'package.json'), '{}');
  const { code, stderr } = await cli(command.split(' '), { cwd, env: ALL_NOT_TOLD });
  refusing = false;
  expect(callers.get(method)).toBe(party);
  expect([code, stderr]).toEqual([1, `error: ${party} may not\nfix: Ask for the role.\n`]);
});

test('unless options say otherwise', async () => {
  const cwd = announced('otherwise', false);
  expect(await status(flags('auditor'), { cwd, env: NOT_TOLD })).toMatchObject({
    code: 0,
    warnedOfPlaintext: false,
  });
  expect(callers.get('SealService/GetSealStatus')).toBe('auditor');
});

test.each([
  ['options', flags('administrator'), {}],
  ['the environment', [], variables('administrator')],
  [
    'both, where options win',
    flags('administrator'),
    { SEALTRACK_TLS: 'off', SEALTRACK_TLS_CERTIFICATE: '/nowhere' },
  ],
])('an address that was told needs a certificate that was told: by %s', async (_, args, env) => {
  const { code, stderr, warnedOfPlaintext } = await status(args, { env: { ...TOLD, ...env } });
  expect([code, stderr, warnedOfPlaintext]).toEqual([0, '', false]);
});

test('without one nothing is sent, and the error says how to give one', async () => {
  const { code, stderr } = await status([], { env: TOLD, cwd: announced('ignored', true) });
  expect(code).toBe(1);
  expect(stderr).toMatch(
    /^error: Nothing says with which certificate to connect to crypto-server\nfix: .*--tls-certificate.*SEALTRACK_TLS_CERTIFICATE.*--no-tls/,
  );
});

test.each([
  ['that is not there', { SEALTRACK_TLS_CERTIFICATE: '/nowhere/cert.pem' }, /\/nowhere\/cert\.pem/],
  ['without its key', { SEALTRACK_TLS_CERTIFICATE_KEY: '' }, /SEALTRACK_TLS_CERTIFICATE_KEY/],
  [
    'with the key of another',
    { SEALTRACK_TLS_CERTIFICATE_KEY: partyFiles(tls, 'pipeline').certificateKey },
    /key/,
  ],
])('a certificate %s is an error that names it', async (_, wrong, message) => {
  const { code, stderr } = await status([], { env: { ...TOLD, ...variables('administrator'), ...wrong } });
  expect([code, stderr]).toEqual([1, expect.stringMatching(message)]);
});

test.each([
  ['by --no-tls', ['--no-tls'], TOLD],
  ['by the environment', [], { ...TOLD, SEALTRACK_TLS: 'off' }],
  ['by a system without certificates', [], NOT_TOLD],
])(
  'plaintext has to be asked for, %s, and is warned of; a secured service does not take it',
  async (how, args, env) => {
    const cwd = announced(how, false);
    const answer = await status(args, { env, cwd });
    expect(answer).toMatchObject({ code: 3, warnedOfPlaintext: true });
  },
);

describe('doctor', () => {
  const DAY_MS = 24 * 3_600_000;
  const connections = async (args: readonly string[], options: CliOptions): Promise<unknown[]> => {
    const findings = (await cli([...args, 'doctor', '--json'], options)).json() as Finding[];
    return findings.filter(({ what }) => what === 'connections');
  };
  /** As if it had been made so many days ago. */
  const madeBefore = async (days: number) => {
    const dir = join(folder.path, `made-${days}`);
    await bootstrap({ dir, now: new Date(Date.now() - days * DAY_MS) });
    return flags('administrator', dir);
  };

  test('says how connections are secured, and what of that ends first', async () => {
    const cwd = announced('doctor', true);
    expect(await connections([], { cwd, env: ALL_NOT_TOLD })).toEqual([
      { what: 'connections', state: 'ok', facts: expect.stringMatching(/^mutual TLS; .* in 8\d days$/) },
    ]);
  });

  test('of certificates that are about to end', async () => {
    expect(await connections(await madeBefore(70), { env: TOLD })).toMatchObject([
      { state: 'warning', facts: 'your certificate ends in 19 days', fix: expect.stringMatching(/renew/) },
    ]);
  });

  test('and of one that has ended', async () => {
    expect(await connections(await madeBefore(100), { env: TOLD })).toMatchObject([
      { state: 'problem', facts: expect.stringMatching(/CERTIFICATE/i) },
    ]);
  });

  test('that somebody may not look is no fault of what is looked at', async () => {
    refusing = true;
    const cwd = announced('refused', true);
    const { text } = await cli(['doctor', '--json'], { cwd, env: ALL_NOT_TOLD });
    refusing = false;
    const findings = text
      .trim()
      .split('\n')
      .map((line): Finding => JSON.parse(line));
    expect(findings.filter(({ facts }) => facts.includes('may not'))).toEqual(
      ['metadata-processor', 'crypto-server', 'profile-config', 'seal'].map((what) => ({
        ...{ what, state: 'warning', fix: 'Ask for the role.' },
        facts: expect.stringMatching(/(administrator|operator) may not/),
      })),
    );
  });

  test('that plaintext is plaintext', async () => {
    expect(await connections(['--no-tls'], { env: TOLD })).toMatchObject([{ state: 'warning' }]);
  });
});
