import type { Command } from 'commander';
import type { Wire } from '../command.ts';
import { addTlsBootstrap } from './tls-bootstrap.ts';
import { addTlsConvertKey } from './tls-convert-key.ts';
import { addTlsCreateCa } from './tls-create-ca.ts';
import { addTlsCreateCert } from './tls-create-cert.ts';
import { addTlsCreateIntermediate } from './tls-create-intermediate.ts';
import { addTlsCrl } from './tls-crl.ts';
import { addTlsImport } from './tls-import.ts';
import { addTlsList } from './tls-list.ts';
import { addTlsPfx } from './tls-pfx.ts';
import { addTlsRenew } from './tls-renew.ts';
import { addTlsRevoke } from './tls-revoke.ts';
import { addTlsSignCsr } from './tls-sign-csr.ts';
import { addTlsVerify } from './tls-verify.ts';

export function addTls(program: Command, wire: Wire): void {
  const group = program
    .command('tls')
    .description('Certificates for connections: an authority of your own, and everything that it issues.');
  addTlsCreateCa(group, wire);
  addTlsCreateIntermediate(group, wire);
  addTlsCreateCert(group, wire);
  addTlsSignCsr(group, wire);
  addTlsVerify(group, wire);
  addTlsImport(group, wire);
  addTlsRenew(group, wire);
  addTlsRevoke(group, wire);
  addTlsCrl(group, wire);
  addTlsList(group, wire);
  addTlsBootstrap(group, wire);
  addTlsConvertKey(group, wire);
  addTlsPfx(group, wire);
}
