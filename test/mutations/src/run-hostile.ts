import { HOSTILE_ENVELOPES } from './hostile/envelopes.ts';
import { HOSTILE_FILES } from './hostile/files.ts';
import { HOSTILE_MANIFESTS } from './hostile/manifests.ts';
import { HOSTILE_MEDIA } from './hostile/media.ts';
import { keptBy, peakOf } from './hostile/memory.ts';

/** How a case ended and what memory it took, in bytes: at its height, and still when it was over. */
export interface HostileReport {
  readonly name: string;
  readonly ending: string;
  readonly peak: number;
  readonly kept: number;
}

/** `node --expose-gc run-hostile.ts`: one line of JSON for each case. */
const cases = [...HOSTILE_ENVELOPES, ...HOSTILE_FILES, ...HOSTILE_MEDIA, ...HOSTILE_MANIFESTS];
for (const { name, run } of cases) {
  let ending = '';
  let peak = 0;
  try {
    const kept = await keptBy(async () => {
      peak = await peakOf(async () => {
        ending = await run();
      });
    });
    const report: HostileReport = { name, ending, peak, kept };
    process.stdout.write(`${JSON.stringify(report)}\n`);
  } catch (cause) {
    throw new Error(name, { cause });
  }
}
