import type { Command } from 'commander';
import type { Wire } from '../command.ts';
import { addEnvelopeImport } from './envelope-import.ts';
import { addEnvelopeInspect } from './envelope-inspect.ts';
import { addEnvelopeOpen } from './envelope-open.ts';
import { addEnvelopeRewrap } from './envelope-rewrap.ts';
import { addEnvelopeScrub } from './envelope-scrub.ts';
import { addEnvelopeSplice } from './envelope-splice.ts';
import { addEnvelopeUnsplice } from './envelope-unsplice.ts';
import { addEnvelopeVerify } from './envelope-verify.ts';

export function addEnvelope(program: Command, wire: Wire): void {
  const group = program
    .command('envelope')
    .description('Manifests, envelopes and ciphertext as files: no service is needed for these.');
  addEnvelopeInspect(group, wire);
  addEnvelopeOpen(group, wire);
  addEnvelopeVerify(group, wire);
  addEnvelopeSplice(group, wire);
  addEnvelopeUnsplice(group, wire);
  addEnvelopeRewrap(group, wire);
  addEnvelopeImport(group, wire);
  addEnvelopeScrub(group, wire);
}
