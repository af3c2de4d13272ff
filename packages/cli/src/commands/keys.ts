import type { Command } from 'commander';
import type { Wire } from '../command.ts';
import { addKeysBackup } from './keys-backup.ts';
import { addKeysRestore } from './keys-restore.ts';
import { addKeysVerifyBackup } from './keys-verify-backup.ts';

export function addKeys(program: Command, wire: Wire): void {
  const group = program
    .command('keys')
    .description('Certificates and sealed private keys of every tenant as one encrypted file, and back.');
  addKeysBackup(group, wire);
  addKeysVerifyBackup(group, wire);
  addKeysRestore(group, wire);
}
