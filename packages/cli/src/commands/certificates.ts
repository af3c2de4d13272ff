import type { Command } from 'commander';
import type { Wire } from '../command.ts';
import { addCertificatesApproveDeletion } from './certificates-approve-deletion.ts';
import { addCertificatesDelete } from './certificates-delete.ts';
import { addCertificatesImport } from './certificates-import.ts';
import { addCertificatesList } from './certificates-list.ts';
import { addCertificatesRestore } from './certificates-restore.ts';
import { addCertificatesShow } from './certificates-show.ts';

export function addCertificates(program: Command, wire: Wire): void {
  const group = program
    .command('certificates')
    .description('Certificates that recordings are encrypted to, and their private keys.');
  addCertificatesImport(group, wire);
  addCertificatesList(group, wire);
  addCertificatesShow(group, wire);
  addCertificatesDelete(group, wire);
  addCertificatesApproveDeletion(group, wire);
  addCertificatesRestore(group, wire);
}
