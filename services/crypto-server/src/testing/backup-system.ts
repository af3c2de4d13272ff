import type { Certificate } from '@sealtrack/contracts/gen/sealtrack/certificates/v1/certificates';
import type { KeysBackupRecorded } from '@sealtrack/contracts/gen/sealtrack/events/v1/audit';
import { connectRedis } from '@sealtrack/redis/connect';
import { createKeyring } from '@sealtrack/sealed-store/create-keyring';
import { createKeyArchives } from '@sealtrack/sealed-store/key-archives';
import type { KeyringRecord } from '@sealtrack/sealed-store/keyring-record';
import { createRedisKeyringStore } from '@sealtrack/sealed-store/redis-keyring-store';
import { createRedisSealedStore } from '@sealtrack/sealed-store/redis-sealed-store';
import type { UnsealProvider } from '@sealtrack/sealed-store/unseal-provider';
import { PLAINTEXT } from '@sealtrack/tls/tls';
import { createBackupFolderSource } from '../adapters/backup-folder-source.ts';
import { createFolderSpool } from '../adapters/folder-spool.ts';
import { createRedisCertificates } from '../adapters/redis-certificates.ts';
import { createSealedPrivateKeys } from '../adapters/sealed-private-keys.ts';
import { createAdoptKeyring } from '../adopt-keyring.ts';
import { createBackUpKeys } from '../back-up-keys.ts';
import type { CallerContext } from '../caller-context.ts';
import type { AuditTrail, Certificates } from '../ports.ts';
import { createPutBackCertificate } from '../put-back-certificate.ts';
import { createRestoreKeys } from '../restore-keys.ts';
import { createVerifyBackup } from '../verify-backup.ts';

export interface BackupSystemOptions {
  readonly redisUrl: string;
  readonly provider: UnsealProvider;
  readonly folder: string;
  readonly wrapCertificates?: (certificates: Certificates) => Certificates;
  readonly copy?: () => Promise<KeyringRecord | undefined>;
  readonly audit?: Pick<AuditTrail, 'keysBackup'>;
}

const caller: CallerContext = {
  signal: new AbortController().signal,
  peer: 'test',
  names: [],
  via: [],
  traceparent: '',
};
const CHUNK_BYTES = 1_000;

/** A crypto server as far as backups go, on a Redis of its own or of others. */
export function createBackupSystem(options: BackupSystemOptions) {
  const { redisUrl, provider, folder, wrapCertificates } = options;
  const redis = connectRedis({ transport: PLAINTEXT, url: redisUrl, name: 'backup-test' });
  const sealedStore = createRedisSealedStore(redis);
  const keyrings = createRedisKeyringStore(redis);
  const keyring = createKeyring({ keyrings, keys: sealedStore, provider });
  const certificates = (wrapCertificates ?? ((all) => all))(createRedisCertificates(redis, {}));
  const privateKeys = createSealedPrivateKeys(sealedStore, keyring);
  const archives = createKeyArchives(keyring);
  const records: KeysBackupRecorded[] = [];
  const audit = options.audit ?? {
    keysBackup: async (record: KeysBackupRecorded) => void records.push(record),
  };
  const lines: unknown[] = [];
  const note = (...line: unknown[]) => void lines.push(line);
  const log = { info: note, warn: note, error: note } as never;
  const copies = new Map<string, string>();
  const backup = {
    keep: async ({ certificateId }: Certificate, sealed: string) => void copies.set(certificateId, sealed),
  };
  const clock = () => new Date('2026-07-01T02:00:00Z');
  const { tenants } = sealedStore;
  const backUpKeys = createBackUpKeys({ certificates, privateKeys, tenants, archives, audit, clock, log });
  const verify = createVerifyBackup({ archives });
  const copy = options.copy ?? (async () => undefined);
  const adoptKeyring = createAdoptKeyring({
    keyring,
    keyrings,
    copy,
    onLoss: async () => undefined,
    onChange: () => undefined,
    log,
  });
  const putBack = createPutBackCertificate({ certificates, privateKeys, backup, clock, graceMs: 1_000 });
  const spool = createFolderSpool(folder);
  const backupFolder = createBackupFolderSource(folder, { keyring: copy, openRecord: keyring.openRecord });
  const restore = createRestoreKeys({
    ...{ archives, spool, adoptKeyring, putBack, audit, log },
    folder: backupFolder,
  });

  return {
    ...{ redis, keyring, keyrings, certificates, privateKeys, records, lines, copies },
    backUpKeys: () => backUpKeys(caller),
    useCases: { backUpKeys, verify, restore },
    async backUp(): Promise<Buffer> {
      return Buffer.concat((await Array.fromAsync(backUpKeys(caller))).map(({ chunk }) => chunk));
    },
    async verify(archive: Buffer) {
      const { report } = await verify(
        toRequests(archive, (chunk) => ({ chunk })),
        caller,
      );
      if (report === undefined) throw new Error('no report');
      return report;
    },
    async restore(archive: Buffer, { skipDamaged = false } = {}) {
      async function* requests() {
        yield {
          part: { $case: 'options', value: { skipDamaged, fromBackupFolder: false } },
        } as const;
        yield* toRequests(archive, (value) => ({ part: { $case: 'chunk', value } }) as const);
      }
      const { report } = await restore(requests(), caller);
      if (report === undefined) throw new Error('no report');
      return report;
    },
    [Symbol.asyncDispose]: () => redis[Symbol.asyncDispose](),
  };
}

async function* toRequests<T>(bytes: Buffer, request: (chunk: Buffer) => T): AsyncGenerator<T> {
  for (let at = 0; at < bytes.length; at += CHUNK_BYTES) yield request(bytes.subarray(at, at + CHUNK_BYTES));
}
