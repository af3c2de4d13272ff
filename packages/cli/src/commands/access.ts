import type { Command } from 'commander';
import type { Wire } from '../command.ts';
import { addAccessCheck } from './access-check.ts';
import { addAccessShow } from './access-show.ts';

export function addAccess(program: Command, wire: Wire): void {
  const group = program
    .command('access')
    .description('Who may do what, by a policy file; nothing is asked of any service.');
  addAccessCheck(group, wire);
  addAccessShow(group, wire);
}
