import type { Person } from './person.ts';

/** What the console has seen of the services that it asks. */
export interface HealthView {
  /** Those that do not answer, and since when: for the problems that come of it. */
  down(): readonly { readonly service: string; readonly since: Date }[];
}

/** A session that goes on. */
export interface OpenSession {
  readonly person: Person;
  /** When it ends, whatever he does. */
  readonly endsAt: Date;
}
