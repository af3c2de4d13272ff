import type { Command } from 'commander';
import type { Wire } from '../command.ts';
import { addTlsCreateCa } from './tls-create-ca.ts';
import { addTlsCreateCert } from './tls-create-cert.ts';
import { addTlsList } from './tls-list.ts';
import { addTlsRevoke } from './tls-revoke.ts';
import { addTlsVerify } from './tls-verify.ts';

export function addTls(program: Command, wire: Wire): void {
  const group = program
    .command('tls')
    .description('Certificates for connections: an authority of your own, and everything that it issues.');
  addTlsCreateCa(group, wire);
  addTlsCreateCert(group, wire);
  addTlsList(group, wire);
  addTlsRevoke(group, wire);
  addTlsVerify(group, wire);
}
