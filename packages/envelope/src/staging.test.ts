import { expect, test } from 'vitest';
import { giveBack, takeStage } from './staging.ts';

test('no plaintext stays in a buffer that is given back', () => {
  const stage = takeStage().fill(1);
  giveBack(stage);
  expect(stage.equals(Buffer.alloc(stage.length))).toBe(true);
});
