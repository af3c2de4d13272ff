import { createPrivateKey } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createCa, hoursFromNow } from '@sealtrack/tls/testing/issue-peers';
import { tlsFolder } from '@sealtrack/tls/testing/tls-folder';
import { PLAINTEXT } from '@sealtrack/tls/tls';
import { afterAll, afterEach, describe, expect, test, vi } from 'vitest';
import type { Environment } from './config.ts';
import { noMetrics } from './metrics.ts';
import { openTransport } from './open-transport.ts';
import { KEY, launch } from './testing/launch.ts';
import { noteLines } from './testing/note-lines.ts';
import { readTlsSettings } from './tls-settings.ts';

const ca = createCa('Test CA');
const own = ca.issue('fixture');
const folder = await tlsFolder(ca, own, ca.crl());
afterAll(() => folder[Symbol.asyncDispose]());
afterEach(() => void vi.useRealTimers());
const at = (name: string) => join(folder.path, name);
const files = {
  SEALTRACK_TLS_CERTIFICATE: at('cert.pem'),
  SEALTRACK_TLS_CERTIFICATE_KEY: at('key.pem'),
  SEALTRACK_TLS_TRUSTED_CA: at('ca.pem'),
};

const problemsOf = (env: Environment) => {
  try {
    readTlsSettings(env);
    return {};
  } catch (error) {
    return (error as { details: Record<string, string> }).details;
  }
};

describe('the settings', () => {
  test('are on, mutual, checked by name and of TLS 1.2 unless told', () => {
    expect(readTlsSettings(files)).toMatchObject({
      enabled: true,
      certificate: at('cert.pem'),
      trustedCa: [at('ca.pem')],
      mutual: true,
      targetNameCheck: 'host',
      secProtocol: 'TLSv12',
    });
  });

  test.each([
    [{}, ['SEALTRACK_TLS_CERTIFICATE', 'SEALTRACK_TLS_CERTIFICATE_KEY', 'SEALTRACK_TLS_TRUSTED_CA']],
    [
      { SEALTRACK_TLS: '' },
      ['SEALTRACK_TLS_CERTIFICATE', 'SEALTRACK_TLS_CERTIFICATE_KEY', 'SEALTRACK_TLS_TRUSTED_CA'],
    ],
    [{ SEALTRACK_TLS: 'off' }, []],
    [{ ...files, SEALTRACK_LISTEN: 'of somebody else', SEALTRACK_TLSX: 'too' }, []],
    [{ ...files, SEALTRACK_TLS_MUTAL: 'on' }, ['SEALTRACK_TLS_MUTAL']],
    [{ ...files, SEALTRACK_TLS: 'no' }, ['SEALTRACK_TLS']],
    [{ ...files, SEALTRACK_TLS_SEC_PROTOCOL: 'TLSv11' }, ['SEALTRACK_TLS_SEC_PROTOCOL']],
    [{ ...files, SEALTRACK_TLS_CRL: 'a.pem,,b.pem' }, ['SEALTRACK_TLS_CRL']],
  ])('%j: problems with %j', (env, expected) => {
    expect(Object.keys(problemsOf(env)).sort()).toEqual(expected);
  });

  test('what is missing says how to do without', () => {
    expect(problemsOf({}).SEALTRACK_TLS_CERTIFICATE).toContain('SEALTRACK_TLS=off');
  });
});

test('in the clear only when that was asked for, and the log says so every hour', async () => {
  vi.useFakeTimers();
  const { lines, log } = noteLines();
  const open = await openTransport(readTlsSettings({ SEALTRACK_TLS: 'off' }), log);
  expect(open.transport).toBe(PLAINTEXT);
  vi.advanceTimersByTime(3 * 3_600_000);
  expect(lines.map(({ level }) => level)).toEqual(['warn', 'warn', 'warn', 'warn']);
  expect(lines[0]?.message).toContain('NOT secured');
  open[Symbol.dispose]();
  expect(vi.getTimerCount()).toBe(0);
});

describe('files', () => {
  const { log } = noteLines();
  const other = createCa('Other CA').issue('other');
  const bad = (name: string, content: Buffer | string) => {
    mkdirSync(at('bad'), { recursive: true });
    writeFileSync(at(`bad/${name}`), content, { mode: 0o600 });
    return at(`bad/${name}`);
  };

  test('that are right are used, and what they last for can be measured', async () => {
    using open = await openTransport(readTlsSettings({ ...files, SEALTRACK_TLS_CRL: at('crl.pem') }), log);
    expect(open.transport).not.toBe(PLAINTEXT);
    const set = vi.fn();
    open.measure({ ...noMetrics, gauge: () => ({ set }) });
    const [[expires]] = set.mock.calls as [[number]];
    expect(Math.abs(expires * 1000 - hoursFromNow(24 * 365).getTime())).toBeLessThan(60_000);
  });

  const encrypted = createPrivateKey({ key: own.key }).export({
    type: 'pkcs8',
    format: 'pem',
    cipher: 'aes-256-cbc',
    passphrase: 'pass phrase',
  });
  const locked = { ...files, SEALTRACK_TLS_CERTIFICATE_KEY: bad('locked.key', encrypted) };

  test('with a key that is encrypted, by its password', async () => {
    const env = { ...locked, SEALTRACK_TLS_CERTIFICATE_KEY_PASSWORD: 'pass phrase' };
    using open = await openTransport(readTlsSettings(env), log);
    expect(open.transport).not.toBe(PLAINTEXT);
  });

  test.each<[what: string, env: Environment, problems: Record<string, string>]>([
    [
      'that is not there',
      { SEALTRACK_TLS_CERTIFICATE: at('none.pem') },
      { SEALTRACK_TLS_CERTIFICATE: 'is not there' },
    ],
    [
      'of another certificate',
      { SEALTRACK_TLS_CERTIFICATE_KEY: bad('other.key', other.key) },
      { SEALTRACK_TLS_CERTIFICATE_KEY: 'not the key of the certificate' },
    ],
    [
      'without any certificate, and one that is cut off',
      {
        SEALTRACK_TLS_TRUSTED_CA: `${at('ca.pem')},${bad('empty.pem', '')}`,
        SEALTRACK_TLS_CRL: bad('half.crl', ca.crl().subarray(0, 200)),
      },
      { SEALTRACK_TLS_TRUSTED_CA: 'no certificate in PEM', SEALTRACK_TLS_CRL: 'ends inside a PEM block' },
    ],
    [
      'that is encrypted, without its password',
      locked,
      { SEALTRACK_TLS_CERTIFICATE_KEY: 'is encrypted, and there is no password' },
    ],
    [
      'that is encrypted, with another password',
      { ...locked, SEALTRACK_TLS_CERTIFICATE_KEY_PASSWORD: 'guess' },
      { SEALTRACK_TLS_CERTIFICATE_KEY: 'does not open with its password' },
    ],
    [
      'that expired',
      { SEALTRACK_TLS_CERTIFICATE: bad('late.pem', ca.issue('late', { notAfter: hoursFromNow(-0.5) }).cert) },
      { SEALTRACK_TLS_CERTIFICATE: 'expired at 20' },
    ],
    [
      'none at all, but ciphers',
      { SEALTRACK_TLS_CIPHER_LIST: 'NO-SUCH' },
      { SEALTRACK_TLS_CIPHER_LIST: 'no list of ciphers' },
    ],
  ])('one %s is a problem of its variable', async (_, env, problems) => {
    const opening = openTransport(readTlsSettings({ ...files, ...env }), log);
    await expect(opening).rejects.toMatchObject({
      code: 'CONFIG_INVALID',
      details: Object.fromEntries(
        Object.entries(problems).map(([name, text]) => [name, expect.stringContaining(text)]),
      ),
    });
  });
});

describe('a service', () => {
  test('with no settings of TLS does not start, and says what to set', async () => {
    const run = launch({ SEALTRACK_TLS: '' });
    expect(await run.exited).toEqual({ code: 1 });
    expect(run.err()).toContain('SEALTRACK_TLS_CERTIFICATE is missing');
    expect(run.err()).toContain('SEALTRACK_TLS=off');
  });

  test('finds with --check-config what is wrong with its files, by variable', async () => {
    const wrong = { ...files, SEALTRACK_TLS_CERTIFICATE_KEY: at('none.pem'), SEALTRACK_TLS: 'on' };
    const run = launch(wrong, '--check-config');
    expect(await run.exited).toEqual({ code: 1 });
    expect(run.err()).toContain(`SEALTRACK_TLS_CERTIFICATE_KEY names ${at('none.pem')}, which is not there`);
    expect(run.out()).toBe('');
  });

  test('without TLS is loud about it; with it, its metrics are behind it', async () => {
    const loud = launch({});
    await loud.line('ready');
    expect(loud.lines.find(({ level }) => level === 'warn')?.msg).toContain('NOT secured');
    const run = launch({ ...files, SEALTRACK_TLS: 'on', SEALTRACK_METRICS_LISTEN: '127.0.0.1:0' });
    const { addresses } = await run.line('ready');
    const { metrics } = addresses as { metrics: string };
    await expect(fetch(`http://${metrics}/metrics`)).rejects.toThrow();
    expect((await run.line('a TLS handshake failed')).reason).toContain('HTTP in the clear');
    expect(run.out()).not.toContain(KEY);
  });
});
