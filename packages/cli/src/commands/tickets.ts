import type { Command } from 'commander';
import type { Wire } from '../command.ts';
import { addTicketsCreate } from './tickets-create.ts';
import { addTicketsCreateIssuer } from './tickets-create-issuer.ts';
import { addTicketsInspect } from './tickets-inspect.ts';

export function addTickets(program: Command, wire: Wire): void {
  const group = program
    .command('tickets')
    .description('Playback tickets: who may make them, making one, looking at one.');
  addTicketsCreateIssuer(group, wire);
  addTicketsCreate(group, wire);
  addTicketsInspect(group, wire);
}
