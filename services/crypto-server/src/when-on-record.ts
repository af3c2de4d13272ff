import type { Timed } from './within-time.ts';

/**
 * What `work` comes to, but not before the record is durable; when that fails, this does, whatever the work came to, which is
 * stopped then. So they go on side by side, and nothing of the work may leave on another way.
 */
export async function whenOnRecord<T>(
  onRecord: Promise<void>,
  work: Promise<T>,
  { stop }: Pick<Timed, 'stop'>,
): Promise<T> {
  // It may fail while the record is waited for.
  work.catch(() => {});
  await onRecord.catch((error: unknown) => {
    stop();
    throw error;
  });
  return work;
}
