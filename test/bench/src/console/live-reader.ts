import type { Browser } from './browser.ts';

/** One browser that follows a tenant's recordings. */
export interface LiveReader extends Disposable {
  /** Events that its seconds have counted, by kind. */
  readonly counted: ReadonlyMap<string, number>;
  bytes(): number;
}

interface Message {
  readonly type: string;
  readonly second?: { readonly events: Readonly<Record<string, number>> };
}

/**
 * Resolves when its first seconds have come: whatever is published from then on is counted.
 * @param onSecond told of each, after it was added, with how many of each kind it has.
 */
export async function openLiveReader(
  browser: Browser,
  tenantId: string,
  onSecond: (events: Readonly<Record<string, number>>) => void,
): Promise<LiveReader> {
  const stream = await browser.open(`/tenants/${tenantId}/live?kind=recording.*`);
  const counted = new Map<string, number>();
  const { promise: begun, resolve, reject } = Promise.withResolvers<void>();
  let bytes = 0;
  let rest = '';
  const take = ({ type, second }: Message): void => {
    if (type !== 'second' || second === undefined) return;
    for (const [kind, count] of Object.entries(second.events))
      counted.set(kind, (counted.get(kind) ?? 0) + count);
    onSecond(second.events);
    resolve();
  };
  stream.setEncoding('utf8');
  stream.on('data', (text: string) => {
    bytes += Buffer.byteLength(text);
    const lines = (rest + text).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) if (line.startsWith('data: ')) take(JSON.parse(line.slice(6)) as Message);
  });
  stream.on('error', reject);
  stream.on('close', () => reject(new Error('The console ended a live stream')));
  await begun;
  return { counted, bytes: () => bytes, [Symbol.dispose]: () => void stream.destroy() };
}
