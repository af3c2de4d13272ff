/** RFC 3339 in UTC. What has to have a time, and has none, is of the beginning of all time rather than none at all. */
export const timeOf = (time: Date | undefined): string => (time ?? new Date(0)).toISOString();

export const timeOrNull = (time: Date | undefined): string | null => time?.toISOString() ?? null;

/** Protos have no null: what is not there is empty. */
export const textOrNull = (text: string): string | null => (text === '' ? null : text);
