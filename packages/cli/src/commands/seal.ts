import type { Command } from 'commander';
import type { Wire } from '../command.ts';
import { addRootRotate } from './root-rotate.ts';
import { addSealInit } from './seal-init.ts';
import { addSealRenewShares } from './seal-renew-shares.ts';
import { addSealRotate } from './seal-rotate.ts';
import { addSealStatus } from './seal-status.ts';
import { addUnseal } from './unseal.ts';

export function addSeal(program: Command, wire: Wire): void {
  const group = program
    .command('seal')
    .description('What opens the private keys of a crypto server. Each of several is asked by itself.');
  addSealStatus(group, wire);
  addSealInit(group, wire);
  addUnseal(group, wire);
  addSealRotate(group, wire);
  addSealRenewShares(group, wire);
  addUnseal(program, wire);
  const root = program.command('root').description('The root key, which the key-encryption keys lie under.');
  addRootRotate(root, wire);
}
