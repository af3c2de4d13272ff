import { readFile } from 'node:fs/promises';
import { EVENT_KINDS } from '@sealtrack/contracts/event-kinds';
import { expect, test } from 'vitest';

const doc = await readFile(new URL('../../../docs/events.md', import.meta.url), 'utf8');
const sections = doc.split(/^### /m);

test.each(Object.values(EVENT_KINDS))('docs/events.md has a true example of $type', ({ type, message }) => {
  const section = sections.find((text) => text.startsWith(`\`${type}\``));
  const example: object | null = JSON.parse(/```json\n(.*?)```/s.exec(section ?? '')?.[1] ?? 'null');
  const { toJSON, fromJSON } = message as {
    toJSON(value: unknown): unknown;
    fromJSON(json: unknown): unknown;
  };
  expect(toJSON(fromJSON(example))).toEqual(example);
  // What is false is left out of the JSON of proto3.
  const fields = Object.entries(fromJSON({}) as object).filter(
    ([name, value]) => value !== false || name in (example ?? {}),
  );
  expect(Object.keys(example ?? {})).toEqual(fields.map(([name]) => name));
});
