import type { Command } from 'commander';
import type { Wire } from '../command.ts';
import { addTlsConvertKey } from './tls-convert-key.ts';
import { addTlsPfx } from './tls-pfx.ts';

export function addTls(program: Command, wire: Wire): void {
  const group = program
    .command('tls')
    .description('Certificates for connections: an authority of your own, and everything that it issues.');
  addTlsConvertKey(group, wire);
  addTlsPfx(group, wire);
}
