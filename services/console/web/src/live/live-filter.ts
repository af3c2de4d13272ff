/** What of a tenant's events is followed; it stands in the address of the page, and the console does the choosing. */
export interface LiveFilter {
  /** A kind such as "recording.encrypted", or all of them that begin alike: "recording.*". Empty: every one. */
  readonly kind: string;
  /** Text that is somewhere in the event. */
  readonly text: string;
}

/** Offered to choose from; others can be written. */
export const KINDS = [
  'recording.*',
  'recording.encrypted',
  'recording.quarantined',
  'recording.kept-in-clear',
  'recording.rewrapped',
  'capture.*',
  'certificate.*',
  'profile.*',
  'screen-settings.*',
] as const;

export const liveFilterFromUrl = (params: URLSearchParams): LiveFilter => ({
  kind: (params.get('kind') ?? '').trim(),
  text: (params.get('text') ?? '').trim(),
});

/** @param others what else stands in the address, which stays. */
export function liveFilterToUrl({ kind, text }: LiveFilter, others: URLSearchParams): URLSearchParams {
  const params = new URLSearchParams(others);
  for (const [name, value] of [
    ['kind', kind.trim()],
    ['text', text.trim()],
  ] as const)
    if (value === '') params.delete(name);
    else params.set(name, value);
  return params;
}
