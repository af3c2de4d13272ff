import { readFile } from 'node:fs/promises';
import { createKeyProvider } from '@sealtrack/sealed-store/key-provider';
import { readUnsealKeyFile } from '@sealtrack/sealed-store/unseal-key';
import { createBackupSystem } from './backup-system.ts';

// Restores an archive, and stops for ever between the private key and the certificate of the third, for whoever kills it.
const [redisUrl = '', keyFile = '', archiveFile = '', folder = ''] = process.argv.slice(2);
let added = 0;

const system = createBackupSystem({
  redisUrl,
  folder,
  provider: createKeyProvider({ current: await readUnsealKeyFile(keyFile) }),
  wrapCertificates: (certificates) => ({
    ...certificates,
    async add(certificate) {
      added += 1;
      if (added < 3) return await certificates.add(certificate);
      process.stdout.write('stuck\n');
      setInterval(() => undefined, 1_000);
      return await new Promise(() => undefined);
    },
  }),
});
await system.keyring.open();
await system.restore(await readFile(archiveFile));
