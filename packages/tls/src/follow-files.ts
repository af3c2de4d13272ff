import { stateOf } from './tls-files.ts';

/** How often files are looked at; a change is taken at the second look, so within half a second. */
const LOOK_MS = 250;

export interface FollowOptions<T> {
  readonly paths: readonly string[];
  /** Of the state that is in use to begin with, as `stateOf` has it. */
  readonly state: string;
  /** Throws for what cannot be used: then what was used before stays. */
  read(): Promise<T>;
  use(read: T): void;
  /** Why a state was not taken; once for each state and reason. */
  refused(error: unknown): void;
}

export interface Following extends Disposable {
  /** Lets what was refused be tried again: it may have been for a date. */
  retry(): void;
}

/** Takes files when they change, once they have been the same at two looks: nobody is writing them any more. */
export function followFiles<T>({ paths, state, read, use, refused }: FollowOptions<T>): Following {
  let used = state;
  let last = state;
  let notTaken = '';
  let said = '';
  let isDisposed = false;

  async function look(): Promise<void> {
    const now = await stateOf(paths);
    const isSteady = now === last;
    last = now;
    if (now === used) {
      notTaken = '';
      said = '';
    }
    if (now === used || now === notTaken || !isSteady) return;
    try {
      const found = await read();
      // It may be half of one state and half of the next.
      if (isDisposed || (await stateOf(paths)) !== now) return;
      use(found);
      used = now;
      said = '';
    } catch (error) {
      notTaken = now;
      const what = `${now}\n${describe(error)}`;
      if (what !== said) refused(error);
      said = what;
    }
  }

  let isBusy = false;
  const timer = setInterval(async () => {
    // A disk may take longer than one look, and what is read first must not be used last.
    if (isBusy) return;
    isBusy = true;
    await look();
    isBusy = false;
  }, LOOK_MS).unref();
  return {
    retry: () => {
      notTaken = '';
    },
    [Symbol.dispose]() {
      isDisposed = true;
      clearInterval(timer);
    },
  };
}

const describe = (error: unknown): string =>
  error instanceof Error && 'details' in error ? JSON.stringify(error.details) : String(error);
