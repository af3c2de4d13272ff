/** One thing done to something valid, and what is asserted of it. */
export interface Mutant {
  readonly what: string;
  /** For whoever wants to see it. */
  readonly bytes?: Buffer;
  /** Answers how it ended, in a word; throws for what must never happen. */
  check(): Promise<string> | string;
}

export interface Target {
  readonly name: string;
  /** In the same order every time. */
  mutants(): AsyncGenerator<Mutant> | Generator<Mutant>;
}

/** How many mutants ended in which way. */
export type Endings = Record<string, number>;

/** Throws for the first that did what must never happen, with its bytes. */
export async function runTarget({ name, mutants }: Target): Promise<Endings> {
  const endings: Endings = {};
  for await (const { what, bytes, check } of mutants()) {
    try {
      const ending = await check();
      endings[ending] = (endings[ending] ?? 0) + 1;
    } catch (cause) {
      const said = cause instanceof Error ? cause.message : String(cause);
      const shown = bytes === undefined ? '' : `\n${bytes.subarray(0, 6000).toString('base64')}`;
      throw new Error(`${name}, ${what}: ${said}${shown}`, { cause });
    }
  }
  return endings;
}
