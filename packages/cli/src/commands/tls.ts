import type { Command } from 'commander';
import type { Wire } from '../command.ts';
import { addTlsVerify } from './tls-verify.ts';

export function addTls(program: Command, wire: Wire): void {
  const group = program
    .command('tls')
    .description('Certificates for connections, and the CA that issues them.');
  addTlsVerify(group, wire);
}
