import { afterEach, expect, test, vi } from 'vitest';
import { followShared } from './shared-stream.ts';

class Source {
  static all: Source[] = [];
  static readonly CLOSED = 2;
  readyState = 1;
  onopen = () => {};
  onmessage = (_: { readonly data: string }) => {};
  onerror = () => {};
  constructor() {
    Source.all.push(this);
  }
  close() {
    this.readyState = Source.CLOSED;
  }
}

function page() {
  const told: string[] = [];
  const stop = followShared('/changes', {
    onMessage: (data) => told.push(data),
    onState: (isThere) => told.push(isThere ? 'there' : 'away'),
    onGap: () => told.push('gap'),
    onRefused: () => told.push('refused'),
  });
  return { told, stop };
}

const sources = (count: number) =>
  vi.waitFor(() => {
    expect(Source.all).toHaveLength(count);
    const last = Source.all.at(-1);
    if (last === undefined) throw new Error('There is none');
    return last;
  });

afterEach(() => {
  vi.unstubAllGlobals();
  Source.all = [];
});

test('one page reads for all; the next one goes on when it goes, and tells of the gap', async () => {
  vi.stubGlobal('EventSource', Source);
  const first = page();
  const source = await sources(1);
  source.onopen();
  const second = page();
  await vi.waitFor(() => expect(second.told).toEqual(['there']));
  source.onmessage({ data: 'one' });
  await vi.waitFor(() => expect(second.told).toEqual(['there', 'one']));
  expect(Source.all).toHaveLength(1);

  first.stop();
  expect(source.readyState).toBe(Source.CLOSED);
  const next = await sources(2);
  next.onopen();
  next.onmessage({ data: 'two' });
  expect(second.told).toEqual(['there', 'one', 'there', 'gap', 'two']);
  expect(first.told).toEqual(['there', 'one']);
  second.stop();
});

test('each page has its own where pages cannot agree on one', async () => {
  vi.stubGlobal('EventSource', Source);
  vi.stubGlobal('navigator', {});
  const pages = [page(), page()];
  await sources(2);
  for (const { stop } of pages) stop();
});
