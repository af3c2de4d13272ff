import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseCertificate } from '@sealtrack/certificates/certificate';
import { createSelfSigned } from '@sealtrack/certificates/self-signed';
import { type Manifest, serializeManifest } from '@sealtrack/envelope/manifest';
import { pkcs7ToPem } from '@sealtrack/envelope/pkcs7-pem';
import { recipientFromCertificate } from '@sealtrack/envelope/recipient';
import { createMediaSealer } from '@sealtrack/envelope/seal-media';
import { parseMediaId, parseProfileId, parseRecordingId, parseTenantId } from '@sealtrack/ids/parse';
import { temporaryFolder } from '@sealtrack/testkit/temporary-folder';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { cli } from '../testing/run-cli.ts';

const folder = await temporaryFolder();
afterAll(() => folder.remove());
const at = (name: string): string => join(folder.path, name);
const run = (...args: string[]) => cli(args, { cwd: folder.path });
const content = randomBytes(600_000);

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}

/** A recording as the media store has it, encrypted to these certificates. */
async function seal(name: string, certificates: readonly string[]): Promise<Manifest> {
  const recipients = certificates.map((pem) => recipientFromCertificate(parseCertificate(pem)));
  const sealer = createMediaSealer({ suite: 'pkcs7', recipients });
  const ciphertext = Buffer.concat(await Array.fromAsync(sealer.seal(once(content))));
  const media = {
    ...sealer.finish(),
    mediaId: parseMediaId('main'),
    contentType: 'audio/wav',
    ciphertext: `${name}.enc`,
    certificateIds: recipients.map(({ certificateId }) => certificateId),
  };
  const manifest: Manifest = {
    format: 'sealtrack.recording.v1',
    tenantId: parseTenantId('demo'),
    recordingId: parseRecordingId('call-1'),
    profileId: parseProfileId('101'),
    startedAt: '2026-03-01T12:00:00.000Z',
    encryptedAt: '2026-03-01T12:01:00.000Z',
    attributes: { agent: '7' },
    fingerprint: '0'.repeat(64),
    media: [media],
  };
  writeFileSync(at(`${name}.enc`), ciphertext);
  writeFileSync(at(`${name}.json`), serializeManifest(manifest));
  writeFileSync(at(`${name}.pem`), pkcs7ToPem(media.envelope));
  return manifest;
}

beforeAll(async () => {
  const [one, two] = await Promise.all(['one', 'two'].map((commonName) => createSelfSigned({ commonName })));
  if (one === undefined || two === undefined) throw new Error('no certificates');
  writeFileSync(at('one.key'), one.privateKeyPem);
  writeFileSync(at('two.key'), two.privateKeyPem);
  writeFileSync(at('two.crt'), two.certificatePem);
  await seal('single', [one.certificatePem]);
  await seal('double', [one.certificatePem, two.certificatePem]);
});

describe('envelope open', () => {
  test('decrypts with the key in hand', async () => {
    const { code, stderr } = await run(
      'envelope',
      'open',
      'single.json',
      '--key',
      'one.key',
      '--out',
      'opened.wav',
    );
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(readFileSync(at('opened.wav')).equals(content)).toBe(true);
    const { stdout } = await run('envelope', 'open', 'single.json', '--key', 'one.key', '--out', '-');
    expect(stdout.equals(content)).toBe(true);
  });

  test('takes the key with a password', async () => {
    const args = ['-in', at('one.key'), '-aes256', '-passout', 'pass:secret', '-out', at('locked.key')];
    execFileSync('openssl', ['pkey', ...args]);
    writeFileSync(at('password'), 'secret\n');
    const opened = ['envelope', 'open', 'single.json', '--key', 'locked.key', '--out', '-'];
    expect((await run(...opened, '--password-file', 'password')).stdout.equals(content)).toBe(true);
    const { code, stderr } = await run(...opened);
    expect(code).toBe(1);
    expect(stderr).toContain('password');
  });

  test('of several recipients wants to know which, and tries none', async () => {
    const args = ['envelope', 'open', 'double.json', '--key', 'two.key', '--out', '-'];
    const { code, stderr, stdout } = await run(...args);
    expect(code).toBe(2);
    expect(stderr).toContain('--cert');
    expect(stdout.length).toBe(0);
    expect((await run(...args, '--cert', 'two.crt')).stdout.equals(content)).toBe(true);
  });

  test.each([
    ['the wrong key', ['single.json', '--key', 'two.key']],
    ['the wrong ciphertext', ['single.json', '--key', 'one.key', '--content', 'double.enc']],
  ])('with %s writes nothing', async (_, args) => {
    const before = readdirSync(folder.path);
    const { code, stderr } = await run('envelope', 'open', ...args, '--out', 'wrong.wav');
    expect(code).toBe(1);
    expect(stderr).toContain('does not match its envelope');
    expect(readdirSync(folder.path)).toEqual(before);
  });

  test('says how to open what has no tags', async () => {
    const { code, stderr } = await run('envelope', 'open', 'single.pem', '--key', 'one.key');
    expect(code).toBe(2);
    expect(stderr).toContain('openssl smime -decrypt');
  });
});

describe('envelope splice', () => {
  const opensslOpens = (file: string): Buffer =>
    execFileSync('openssl', [
      'smime',
      '-decrypt',
      '-inform',
      'DER',
      '-in',
      at(file),
      '-inkey',
      at('one.key'),
    ]);

  test('makes a file of manifest and ciphertext that OpenSSL opens', async () => {
    const { code, json } = await run('envelope', 'splice', 'single.json', '--out', 'spliced.p7m', '--json');
    expect(code).toBe(0);
    expect(json()).toEqual([{ file: at('spliced.p7m'), bytes: readFileSync(at('spliced.p7m')).length }]);
    expect(opensslOpens('spliced.p7m').equals(content)).toBe(true);
  });

  test('makes one of a detached envelope and ciphertext', async () => {
    const args = ['envelope', 'splice', 'single.pem', '--content', 'single.enc', '--out', 'detached.p7m'];
    expect((await run(...args)).code).toBe(0);
    expect(opensslOpens('detached.p7m').equals(content)).toBe(true);
  });

  test('refuses a ciphertext that is not the one of the manifest', async () => {
    const damaged = readFileSync(at('single.enc'));
    damaged[300_000] = (damaged[300_000] ?? 0) ^ 1;
    writeFileSync(at('damaged.enc'), damaged);
    const args = ['envelope', 'splice', 'single.json', '--content', 'damaged.enc', '--out', 'damaged.p7m'];
    const { code, stderr } = await run(...args);
    expect(code).toBe(2);
    expect(stderr).toContain('not the one that the manifest describes');
    expect(readdirSync(folder.path)).not.toContain('damaged.p7m');
  });
});

describe('envelope inspect', () => {
  test('shows a manifest', async () => {
    const [shown] = (await run('envelope', 'inspect', 'double.json', '--json')).json();
    expect(shown).toMatchObject({
      kind: 'manifest',
      recordingId: 'call-1',
      attributes: { agent: '7' },
      media: [
        {
          plaintextSize: 600_000,
          segments: 3,
          envelope: { suite: 'pkcs7', recipients: [{ keyBits: 2048 }, {}] },
        },
      ],
    });
    expect((await run('envelope', 'inspect', 'double.json')).text).toContain('3 segments');
  });

  test('shows an envelope', async () => {
    const [shown] = (await run('envelope', 'inspect', 'single.pem', '--json')).json();
    expect(shown).toMatchObject({ kind: 'envelope', envelope: { attachedContent: null } });
  });

  test('says what is wrong with what is neither', async () => {
    writeFileSync(at('other.json'), '{"format":"something else"}');
    writeFileSync(at('noise'), randomBytes(100));
    expect((await run('envelope', 'inspect', 'other.json')).stderr).toContain('manifest is not usable');
    expect((await run('envelope', 'inspect', 'noise')).stderr).toContain('The envelope');
  });
});
