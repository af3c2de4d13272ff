import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseCertificate } from '@sealtrack/certificates/certificate';
import { createSelfSigned } from '@sealtrack/certificates/self-signed';
import {
  boundTo,
  type Manifest,
  type SealedManifestMedia,
  serializeManifest,
} from '@sealtrack/envelope/manifest';
import { pkcs7ToPem } from '@sealtrack/envelope/pkcs7-pem';
import { recipientFromCertificate } from '@sealtrack/envelope/recipient';
import { createMediaSealer } from '@sealtrack/envelope/seal-media';
import type { SuiteName } from '@sealtrack/envelope/suites';
import { parseMediaId, parseProfileId, parseRecordingId, parseTenantId } from '@sealtrack/ids/parse';
import { temporaryFolder } from '@sealtrack/testkit/temporary-folder';
import { type CliResult, cli } from './run-cli.ts';

/** A folder with keys, certificates and sealed files in it, in which commands are run. */
export interface SealedFiles {
  readonly path: string;
  at(name: string): string;
  run(...args: string[]): Promise<CliResult>;
  read(name: string): Buffer;
  write(name: string, content: string | Uint8Array): void;
  /** A copy of a file with one bit of it turned, at that byte; from its end when negative. */
  damage(name: string, to: string, at: number): void;
  openssl(...args: string[]): Buffer;
  /** Makes NAME.key and NAME.crt, each in its own folder when the name has one. */
  createOwner(name: string, bits?: number): Promise<void>;
  /** A recording as the media store has it: MANIFEST, with the ciphertexts beside it. */
  seal(manifest: string, owners: readonly string[], media: readonly SealedMedia[]): Promise<Manifest>;
  remove(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

export interface SealedMedia {
  readonly ciphertext: string;
  readonly content: Uint8Array;
  readonly suite?: SuiteName;
  readonly mediaId?: string;
}

export async function sealedFiles(): Promise<SealedFiles> {
  const folder = await temporaryFolder();
  const at = (name: string): string => join(folder.path, name);
  const read = (name: string): Buffer => readFileSync(at(name));
  const write = (name: string, content: string | Uint8Array): void => {
    mkdirSync(join(at(name), '..'), { recursive: true });
    writeFileSync(at(name), content);
  };
  return {
    path: folder.path,
    at,
    read,
    write,
    run: (...args) => cli(args, { cwd: folder.path }),
    damage(name, to, position) {
      const bytes = read(name);
      const index = position < 0 ? bytes.length + position : position;
      bytes[index] = (bytes[index] ?? 0) ^ 1;
      write(to, bytes);
    },
    openssl: (...args) =>
      execFileSync('openssl', args, { cwd: folder.path, stdio: 'pipe', maxBuffer: 64 * 1024 * 1024 }),
    async createOwner(name, bits = 2048) {
      const made = await createSelfSigned({ commonName: name.replace(/.*\//, ''), bits });
      write(`${name}.key`, made.privateKeyPem);
      write(`${name}.crt`, made.certificatePem);
    },
    async seal(path, owners, media) {
      const recipients = owners.map((name) =>
        recipientFromCertificate(parseCertificate(read(`${name}.crt`))),
      );
      const recording = { tenantId: parseTenantId('demo'), recordingId: parseRecordingId('call-1') };
      const entries: SealedManifestMedia[] = [];
      for (const { ciphertext, content, suite = 'pkcs7', mediaId = 'main' } of media) {
        const facts = { mediaId: parseMediaId(mediaId), contentType: 'audio/wav' };
        const sealer = createMediaSealer({ suite, recipients, boundTo: boundTo(recording, facts) });
        write(join(path, '..', ciphertext), Buffer.concat(await Array.fromAsync(sealer.seal(once(content)))));
        const certificateIds = recipients.map(({ certificateId }) => certificateId);
        entries.push({ ...sealer.finish(), ...facts, ciphertext, certificateIds });
      }
      const manifest: Manifest = {
        format: 'sealtrack.recording.v1',
        ...recording,
        profileId: parseProfileId('101'),
        startedAt: '2026-03-01T12:00:00.000Z',
        encryptedAt: '2026-03-01T12:01:00.000Z',
        attributes: { agent: '7' },
        fingerprint: '0'.repeat(64),
        media: entries,
      };
      write(path, serializeManifest(manifest));
      const [first] = entries;
      if (first !== undefined) write(path.replace(/\.json$/, '.pem'), pkcs7ToPem(first.envelope));
      return manifest;
    },
    remove: () => folder.remove(),
    [Symbol.asyncDispose]: () => folder.remove(),
  };
}

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}
