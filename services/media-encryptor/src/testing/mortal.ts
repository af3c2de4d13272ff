import { AppError } from '@sealtrack/errors/app-error';
import type { MediaStore } from '@sealtrack/media-store/media-store';
import type { Announcer } from '../ports.ts';

const killed = () => new AppError('STORE_UNAVAILABLE', 'killed', { fix: '' });

/** What a process sees that is killed after so many steps which leave something: from then on nothing it does has effect. */
export function mortal(store: MediaStore, announcer: Announcer, steps: number) {
  let left = steps;
  async function step<T>(work: () => Promise<T>): Promise<T> {
    if (left <= 0) throw killed();
    left--;
    const done = await work();
    if (left <= 0) throw killed();
    return done;
  }
  async function* alive<T>(source: AsyncIterable<T>): AsyncGenerator<T> {
    if (left <= 0) throw killed();
    yield* source;
  }
  const dying: MediaStore = {
    ...store,
    create: (...args) => step(() => store.create(...args)),
    replace: (...args) => step(() => store.replace(...args)),
    delete: (...args) => step(() => store.delete(...args)),
    read: (...args) => alive(store.read(...args)),
    list: (...args) => alive(store.list(...args)),
  };
  const silenced: Announcer = {
    ready: () => announcer.ready(),
    stored: (...args) => step(() => announcer.stored(...args)),
    rewrapped: (...args) => step(() => announcer.rewrapped(...args)),
  };
  return { store: dying, announcer: silenced, isDead: () => left <= 0 };
}
