import type { Log } from '../logger.ts';

export interface Line {
  readonly level: 'info' | 'warn' | 'error';
  readonly fields: Readonly<Record<string, unknown>>;
  readonly message: string;
}

/** A log that keeps what is said, but for what is said to developers only. */
export function noteLines() {
  const lines: Line[] = [];
  const note = (level: Line['level']) => (fields: Line['fields'], message: string) =>
    void lines.push({ level, fields, message });
  const debug = () => undefined;
  const log = { debug, info: note('info'), warn: note('warn'), error: note('error') } as unknown as Log;
  return { lines, log };
}
