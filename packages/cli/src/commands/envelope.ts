import type { Command } from 'commander';
import type { Wire } from '../command.ts';
import { addEnvelopeInspect } from './envelope-inspect.ts';
import { addEnvelopeOpen } from './envelope-open.ts';
import { addEnvelopeSplice } from './envelope-splice.ts';

export function addEnvelope(program: Command, wire: Wire): void {
  const group = program
    .command('envelope')
    .description('Manifests, envelopes and ciphertext as files: no service is needed for these.');
  addEnvelopeInspect(group, wire);
  addEnvelopeSplice(group, wire);
  addEnvelopeOpen(group, wire);
}
