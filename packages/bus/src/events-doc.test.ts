import { readFile } from 'node:fs/promises';
import { EVENT_KINDS } from '@sealtrack/contracts/event-kinds';
import { expect, test } from 'vitest';

const doc = await readFile(new URL('../../../docs/events.md', import.meta.url), 'utf8');
const sections = doc.split(/^### /m);

/** Fields that are 0 or false in what the page shows, which are left out then. */
const LEFT_OUT: Readonly<Record<string, readonly string[]>> = {
  'sealtrack.certificate.expired.v1': ['withinDays'],
  'sealtrack.profile.changed.v1': ['deleted'],
  'sealtrack.account.recorded.v1': ['method'],
};

test.each(Object.values(EVENT_KINDS))('docs/events.md has a true example of $type', ({ type, message }) => {
  const section = sections.find((text) => text.startsWith(`\`${type}\``));
  const example: object | null = JSON.parse(/```json\n(.*?)```/s.exec(section ?? '')?.[1] ?? 'null');
  const { toJSON, fromJSON } = message as {
    toJSON(value: unknown): unknown;
    fromJSON(json: unknown): unknown;
  };
  expect(toJSON(fromJSON(example))).toEqual(example);
  const fields = Object.keys(fromJSON({}) as object);
  expect(Object.keys(example ?? {})).toEqual(fields.filter((name) => !LEFT_OUT[type]?.includes(name)));
});
