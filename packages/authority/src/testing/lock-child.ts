/** Run by lock.test.ts: adds one to a number in a file, again and again, or takes the lock and is killed with it. */
import { readFile, writeFile } from 'node:fs/promises';
import { withLock } from '../lock.ts';

const [, , path = '', counter = '', times = ''] = process.argv;
if (times === 'die')
  await withLock(path, async () => {
    process.kill(process.pid, 'SIGKILL');
    await new Promise(() => {});
  });
else
  for (let i = 0; i < Number(times); i++)
    await withLock(path, async () => {
      const before = Number(await readFile(counter, 'utf8'));
      await writeFile(counter, String(before + 1));
    });
