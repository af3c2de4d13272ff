import type { SuiteName } from '@sealtrack/envelope/suites';

export type Operation = 'seal' | 'open';

/** What an engine gets before the clock runs. Paths are absolute. */
export interface Job {
  readonly operation: Operation;
  readonly suite: SuiteName;
  /** Plaintext to seal, or what was sealed to open. */
  readonly input: string;
  /** The one recipient; an engine with a kind of key of its own keeps it in `folder`. */
  readonly keys: KeyFiles;
  /** Bytes of memory that may be used; an engine with a process of its own has to see to it. */
  readonly maxMemory: number;
  /** As the table of engines has it. */
  readonly setting: string;
}

export interface KeyFiles {
  readonly folder: string;
  /** PEM: RSA 2048, and a certificate of it. */
  readonly certificate: string;
  readonly privateKey: string;
}

/** Where the result goes: nowhere when it is measured. */
export interface Output {
  /** For an engine that is a program and writes files itself. */
  readonly path: string;
  write(piece: Uint8Array): void;
}

/** Does the whole work once, from the input file to the output's last byte. May be called over and over. */
export type Run = (output: Output) => Promise<void>;

/** A file of an engine exports this. */
export interface EngineModule {
  /** What need not be done for every media file, such as reading keys. Is not measured. */
  prepare(job: Job): Promise<Run>;
  /** Most bytes of memory used so far by the engine's own process; absent when it works in this one. */
  peakMemory?(): number | undefined;
}
