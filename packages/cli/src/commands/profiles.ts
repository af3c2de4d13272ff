import type { Command } from 'commander';
import type { Wire } from '../command.ts';
import { addProfilesAssign } from './profiles-assign.ts';
import { addProfilesCreate } from './profiles-create.ts';
import { addProfilesDelete } from './profiles-delete.ts';
import { addProfilesExport } from './profiles-export.ts';
import { addProfilesImport } from './profiles-import.ts';
import { addProfilesList } from './profiles-list.ts';
import { addProfilesRollout } from './profiles-rollout.ts';
import { addProfilesSet } from './profiles-set.ts';
import { addProfilesShow } from './profiles-show.ts';
import { addProfilesSucceed } from './profiles-succeed.ts';

export function addProfiles(program: Command, wire: Wire): void {
  const group = program
    .command('profiles')
    .description('IVR profiles, and the certificates that their recordings are encrypted to.');
  addProfilesCreate(group, wire);
  addProfilesAssign(group, wire);
  addProfilesSucceed(group, wire);
  addProfilesSet(group, wire);
  addProfilesList(group, wire);
  addProfilesShow(group, wire);
  addProfilesDelete(group, wire);
  addProfilesRollout(group, wire);
  addProfilesExport(group, wire);
  addProfilesImport(group, wire);
}
