import { expect, test } from 'vitest';
import { createInSlices } from './in-slices.ts';

test('work is done in order, as much in a turn of the event loop as fits, and others get theirs between', async () => {
  let ms = 0;
  const inSlices = createInSlices(() => ms);
  const order: string[] = [];
  const other = (): void => {
    order.push('-');
    if (order.filter((each) => each !== '-').length < 6) setImmediate(other);
  };
  const all = [...'abcdef'].map((name) =>
    inSlices(() => {
      ms += 1;
      order.push(name);
      return name.toUpperCase();
    }),
  );
  setImmediate(other);
  expect(order).toEqual([]);
  expect(await Promise.all(all)).toEqual([...'ABCDEF']);
  expect(order.join('')).toMatch(/^ab-+cd-+ef-*$/);
});

test('what fails fails for itself alone', async () => {
  const inSlices = createInSlices();
  const failing = inSlices(() => {
    throw new Error('This one fails');
  });
  const next = inSlices(() => 'next');
  await expect(failing).rejects.toThrow('This one fails');
  expect(await next).toBe('next');
  expect(await inSlices(() => 'later')).toBe('later');
});
