const UNITS = { GiB: 2 ** 30, GB: 1e9, MiB: 2 ** 20, MB: 1e6, KiB: 1024, KB: 1000, B: 1 } as const;

/** Bytes from such as `480KB` or `2 GiB`; undefined for anything else, and for less than one byte. */
export function parseSize(text: string): number | undefined {
  const [, digits = '', unit = ''] = /^(\d+) ?([KMG]i?B|B)$/.exec(text.trim()) ?? [];
  const bytes = Number(digits) * (UNITS[unit as keyof typeof UNITS] ?? Number.NaN);
  return Number.isSafeInteger(bytes) && bytes > 0 ? bytes : undefined;
}

/** In the largest unit that leaves a whole number. */
export function formatSize(bytes: number): string {
  const units = Object.entries(UNITS).sort(([, a], [, b]) => b - a);
  const [name, factor] = units.find(([, each]) => bytes % each === 0) ?? ['B', 1];
  return `${bytes / factor} ${name}`;
}
