/** The fields of JSON that somebody else wrote, such as a body in proto3 JSON: what is empty is absent there, and 64-bit numbers are text. */
export interface Fields {
  has(name: string): boolean;
  text(name: string): string;
  number(name: string): number;
  flag(name: string): boolean;
  list(name: string): readonly string[];
  objects(name: string): readonly Fields[];
  object(name: string): Fields;
}

export function fieldsOf(body: unknown): Fields {
  const values: Readonly<Record<string, unknown>> =
    typeof body === 'object' && body !== null ? { ...body } : {};
  const list = (name: string): readonly unknown[] => {
    const value = values[name];
    return Array.isArray(value) ? value : [];
  };
  return {
    has: (name) => values[name] !== undefined && values[name] !== null,
    text: (name) => (typeof values[name] === 'string' ? values[name] : ''),
    number: (name) => {
      const value = Number(values[name] ?? 0);
      return Number.isFinite(value) ? value : 0;
    },
    flag: (name) => values[name] === true,
    list: (name) => list(name).filter((each) => typeof each === 'string'),
    objects: (name) => list(name).map(fieldsOf),
    object: (name) => fieldsOf(values[name]),
  };
}
