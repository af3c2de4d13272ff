/** Run by fs-crash.test.ts: creates objects, eight at a time, and prints the key of each that is durable. */
import { openFsStore } from './fs-store.ts';

/** What belongs under a key: `<folder>/<run>-<number>-<size>`. */
export async function* sourceOf(key: string): AsyncGenerator<Uint8Array> {
  const [, run = 0, number = 0, size = 0] = key.split(/[/-]/).map(Number);
  for (let at = 0; at < size; at += 50_000)
    yield Buffer.alloc(Math.min(50_000, size - at), run * 31 + number);
}

async function createForEver(root: string, run: number): Promise<void> {
  const store = await openFsStore(root);
  let number = 0;
  async function one(): Promise<void> {
    for (;;) {
      number += 1;
      const size = number % 3 === 0 ? 100 : 400_000 + number;
      const key = `f${number % 5}/${run}-${number}-${size}`;
      await store.create(key, sourceOf(key));
      process.stdout.write(`${key}\n`);
    }
  }
  await Promise.all(Array.from({ length: 8 }, one));
}

const [, script, root, run] = process.argv;
if (script === import.meta.filename && root !== undefined) await createForEver(root, Number(run));
