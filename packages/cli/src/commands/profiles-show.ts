import type { Command } from 'commander';
import { example, type Wire } from '../command.ts';
import type { Context } from '../context.ts';
import { describeProfile, toView } from '../profiles/describe-profile.ts';
import { getProfile } from '../profiles/read-profiles.ts';

export function addProfilesShow(group: Command, wire: Wire): void {
  group
    .command('show <id>')
    .description(
      'Show a profile: its policies, certificates with their dates, and what takes over from what.',
    )
    .addHelpText('after', example('sealtrack profiles show 101'))
    .action(wire(showProfile));
}

async function showProfile(context: Context, id: string): Promise<void> {
  const profile = await getProfile(context, id);
  await context.out.result(toView(profile), () => describeProfile(profile, new Date()));
}
