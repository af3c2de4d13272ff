import type { LiveEvent } from '../../../src/api/live.ts';
import { fieldsOf } from '../fields.ts';

/** What an event is of, in a few words: the rest is in its payload. */
export function summaryOf({ payload }: Pick<LiveEvent, 'payload'>): string {
  const fields = fieldsOf(payload);
  const names = ['recordingId', 'alias', 'certificateId', 'profileId', 'reason', 'instance'];
  const parts = names.flatMap((name) => {
    const text = fields.text(name);
    if (text === '' || (name === 'certificateId' && fields.text('alias') !== '')) return [];
    return name === 'profileId' ? [`profile ${text}`] : [name === 'certificateId' ? text.slice(0, 16) : text];
  });
  return parts.join(' · ');
}
