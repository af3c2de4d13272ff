import type { MediaSettings } from '@sealtrack/contracts/gen/sealtrack/profiles/v1/profiles';
import type { Context } from '../context.ts';
import { note } from '../note.ts';
import { warningOf, whyUnusable } from './describe-settings.ts';

/** That it may be assigned all the same is for those who do it in advance, beside the one before it. */
export async function noteUnusable(context: Context, { certificates }: MediaSettings): Promise<void> {
  const now = new Date();
  for (const each of certificates) {
    const why = whyUnusable(each, now);
    if (why !== undefined) await note(context, `warning: ${each.alias} ${why}`);
  }
}

export async function notePolicy(context: Context, policy: string | undefined): Promise<void> {
  const warning = warningOf(policy);
  if (warning !== undefined) await note(context, warning);
}
