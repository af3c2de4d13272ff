import type { Command } from 'commander';
import { example, type Wire } from '../command.ts';
import type { Context } from '../context.ts';
import { note } from '../note.ts';
import { nameOf, toView } from '../profiles/describe-profile.ts';
import { getProfile } from '../profiles/read-profiles.ts';
import { canAsk, confirm } from '../prompt.ts';
import { told } from '../told.ts';

export function addProfilesDelete(group: Command, wire: Wire): void {
  group
    .command('delete <id>')
    .description(
      'Delete a profile, and its assignments with it; no certificate is deleted. Recordings that still arrive for it are ' +
        'sealed to the holding key and kept in quarantine, whatever its policy was. At a terminal it asks.',
    )
    .option('--yes', 'do not ask')
    .addHelpText('after', example('sealtrack profiles delete 101'))
    .action(wire(deleteProfile));
}

async function deleteProfile(
  context: Context,
  id: string,
  { yes = false }: { readonly yes?: boolean },
): Promise<void> {
  const found = await getProfile(context, id);
  const { io, tenantId, signal } = context;
  if (!yes && !found.deleted && canAsk(io) && !(await confirm(io, `Delete ${nameOf(found)}?`)))
    return note(context, 'nothing was deleted');
  const { profileId, revision: expectedRevision } = found;
  const client = await context.profiles();
  const answer = await client.deleteProfile({ tenantId, profileId, expectedRevision }, { signal });
  const profile = told(answer.profile);
  await context.out.result(toView(profile), () =>
    [
      `Deleted ${nameOf(profile)}.`,
      'Recordings that still arrive for it are sealed to the holding key and kept in quarantine.',
      'To have it again, and them encrypted to what is assigned to it then:',
      `  sealtrack profiles create ${profileId} --name <name>`,
    ].join('\n'),
  );
}
