import { expect, test } from 'vitest';
import { createOwnTurn } from './own-turn.ts';

test('each has a turn of its own, in order, and others get theirs between', async () => {
  const ownTurn = createOwnTurn();
  const order: string[] = [];
  let isOver = false;
  const other = (): void => {
    order.push('-');
    if (!isOver) setImmediate(other);
  };
  const all = Promise.all(['a', 'b', 'c'].map((name) => ownTurn().then(() => order.push(name))));
  setImmediate(other);
  await all;
  isOver = true;
  expect(order.join('')).toMatch(/^a-+b-+c-*$/);
  await ownTurn().then(() => order.push('d'));
  expect(order.at(-1)).toBe('d');
});
