import { expect, test } from 'vitest';
import { eachOf } from './each-of.ts';

const ten = Array.from({ length: 10 }, (_, i) => i);
const turn = () => new Promise<void>((resolve) => setImmediate(resolve));

test('results are in order, and no more than may are under way', async () => {
  let underWay = 0;
  let most = 0;
  const doubled = await eachOf(ten, 3, async (n) => {
    underWay += 1;
    most = Math.max(most, underWay);
    // The first ones take longest.
    for (let i = n; i < 10; i++) await turn();
    underWay -= 1;
    return 2 * n;
  });
  expect(doubled).toEqual(ten.map((n) => 2 * n));
  expect(most).toBe(3);
});

test('after a failure none is begun, and those that were begun are waited for', async () => {
  const begun: number[] = [];
  const ended: number[] = [];
  const working = eachOf(ten, 3, async (n) => {
    begun.push(n);
    await turn();
    if (n === 1) throw new Error('This one fails');
    await turn();
    ended.push(n);
  });
  await expect(working).rejects.toThrow('This one fails');
  expect(begun).toEqual([0, 1, 2]);
  expect(ended).toEqual([0, 2]);
});

test('of nothing there are no results', async () => {
  expect(await eachOf([], 3, async () => 1)).toEqual([]);
});
