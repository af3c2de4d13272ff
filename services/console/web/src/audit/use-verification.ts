import { useEffect, useRef, useState } from 'react';
import type { VerificationMessage } from '../../../src/api/audit.ts';
import { addressOf } from '../api-client.ts';
import { readEventStream } from '../event-stream.ts';
import { ProblemError } from '../problem-error.ts';

type Report = Extract<VerificationMessage, { type: 'report' }>['report'];

/** Times in a report are text once it has come as JSON. */
export type SentReport = AsSent<Report>;
type AsSent<T> = T extends Date
  ? string
  : T extends readonly (infer Each)[]
    ? readonly AsSent<Each>[]
    : T extends object
      ? { readonly [Key in keyof T]: AsSent<T[Key]> }
      : T;

type Verification =
  | { readonly state: 'idle' }
  | { readonly state: 'running'; readonly records: number; readonly total: number }
  | { readonly state: 'done'; readonly report: SentReport; readonly at: string }
  | { readonly state: 'failed'; readonly error: unknown };

/** Has the console read all records and judge them; leaving the page ends that. */
export function useVerification() {
  const [verification, set] = useState<Verification>({ state: 'idle' });
  const running = useRef<AbortController>(undefined);
  useEffect(() => () => running.current?.abort(), []);
  const stop = () => {
    running.current?.abort();
    set({ state: 'idle' });
  };
  const start = async () => {
    running.current?.abort();
    const controller = new AbortController();
    running.current = controller;
    const { signal } = controller;
    set({ state: 'running', records: 0, total: 0 });
    try {
      for await (const message of readEventStream<AsSent<VerificationMessage>>(
        addressOf('GET /audit/verification', {}),
        signal,
      )) {
        if (message.type === 'report') {
          set({ state: 'done', report: message.report, at: new Date().toISOString() });
          return;
        }
        if (message.type === 'failed') throw new ProblemError(message.problem);
        set({ state: 'running', records: message.records, total: message.total });
      }
      throw new Error('It has ended without a report');
    } catch (error) {
      if (!signal.aborted) set({ state: 'failed', error });
    }
  };
  return { verification, start: () => void start(), stop };
}
