import { formatSeconds } from '@sealtrack/cli/units';

/** What a step hands on, and what it says of itself. */
export interface Done<T> {
  readonly said: string;
  readonly result: T;
}

export interface Report {
  line(text: string): void;
  /** Runs one step of the demo and prints a line about it, with the time it took; of more lines, the rest below. */
  step<T>(title: string, work: () => Promise<Done<T>>): Promise<T>;
  /** The step that is running, or that failed. */
  current(): string;
  /** Since the demo began. */
  elapsedSeconds(): number;
}

const bannerFor = (isPlaintext: boolean): string => `Sealtrack demo: one recording, end to end.
DEMO MODE: throwaway keys and certificates, all data removed at the end. Not for real recordings.
${isPlaintext ? 'PLAINTEXT: SEALTRACK_TLS=off asks for connections that everybody on the way can read and change.\n' : ''}`;

export function createReport(write: (text: string) => void, isPlaintext = false): Report {
  const started = performance.now();
  const line = (text: string): void => write(`${text}\n`);
  line(bannerFor(isPlaintext));
  let number = 0;
  let current = 'getting ready';
  return {
    line,
    current: () => current,
    elapsedSeconds: () => (performance.now() - started) / 1000,
    step: async (title, work) => {
      number += 1;
      current = `step ${number}, ${title}`;
      const begun = performance.now();
      const { said, result } = await work();
      const seconds = (performance.now() - begun) / 1000;
      const [first = '', ...more] = said.split('\n');
      line(`${number}. ${title.padEnd(7)}  ${formatSeconds(seconds).padStart(7)}  ${first}`);
      for (const text of more) line(text);
      return result;
    },
  };
}
