import type { ReactNode } from 'react';

export type Tone = 'plain' | 'good' | 'info' | 'warning' | 'bad';

/** A state in a word. Its text says what its colour does. */
export function Badge({ tone = 'plain', children }: { readonly tone?: Tone; readonly children: ReactNode }) {
  return <span className={`badge badge-${tone}`}>{children}</span>;
}
