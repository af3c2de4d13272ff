import type { Mutation } from './mutate-bytes.ts';

type Path = readonly (string | number)[];

const RAW = 'a number that JSON.stringify would not write';
const NUMBERS = [
  '1e999',
  '-1e999',
  '-0',
  '1E1',
  '9007199254740993',
  '18446744073709551616',
  '0.1',
  '1e-999',
  '-1',
];
const DEEP = '['.repeat(1000) + ']'.repeat(1000);
const VALUES: readonly unknown[] = [
  ...[null, true, 0, 1, 16, 2 ** 31, 2 ** 32, 2 ** 40, 2 ** 47, Number.MAX_SAFE_INTEGER, 2 ** 53],
  ...[
    '',
    ' ',
    '\0',
    '\ud800',
    '\ufeff',
    'A===',
    '../x',
    '__proto__',
    'a'.repeat(5000),
    '-----BEGIN PKCS7-----',
  ],
  ...[[], [[]], {}, { length: 1e9 }, Array.from({ length: 300 }, () => ({}))],
];

/** Each value of a JSON document replaced, removed, doubled, and exchanged with what is elsewhere or in another. */
export function* mutateJson(original: Buffer, other: Buffer): Generator<Mutation> {
  const [own, others]: unknown[] = [original, other].map((bytes) => JSON.parse(bytes.toString()));
  const paths = [...pathsOf(own)];
  const write = (what: string, value: unknown, raw = ''): Mutation => ({
    what,
    bytes: Buffer.from(JSON.stringify(value, null, 2).replace(JSON.stringify(RAW), raw)),
  });
  const mutations = function* (): Generator<Mutation> {
    for (const path of paths) {
      for (const value of VALUES)
        yield write(`${path.join('.')} is ${JSON.stringify(value).slice(0, 40)}`, put(own, path, value));
      for (const raw of [...NUMBERS, DEEP])
        yield write(`${path.join('.')} is ${raw.slice(0, 40)}`, put(own, path, RAW), raw);
      yield write(`no ${path.join('.')}`, put(own, path, undefined));
      const twice = JSON.stringify(path.at(-1));
      yield write(
        `${path.join('.')} twice`,
        put(own, path, RAW),
        `${JSON.stringify(get(own, path))}, ${twice}: 1`,
      );
      if (get(others, path) !== undefined)
        yield write(`${path.join('.')} of another`, put(own, path, get(others, path)));
      for (const from of paths)
        if (from.at(-1) === path.at(-1) && from !== path)
          yield write(
            `${path.join('.')} as ${from.join('.')}`,
            put(put(own, path, get(own, from)), from, get(own, path)),
          );
    }
  };
  for (const mutation of mutations()) if (!mutation.bytes.equals(original)) yield mutation;
}

function* pathsOf(value: unknown, path: Path = []): Generator<Path> {
  if (path.length > 0) yield path;
  if (value === null || typeof value !== 'object') return;
  for (const [key, inside] of Object.entries(value))
    yield* pathsOf(inside, [...path, Array.isArray(value) ? Number(key) : key]);
}

const get = (value: unknown, path: Path): unknown =>
  path.reduce((inside: unknown, key) => Object(inside)[key], value);

/** A copy with another value there. */
function put(value: unknown, [key, ...rest]: Path, instead: unknown): unknown {
  if (key === undefined) return instead;
  const inside = put(Object(value)[key], rest, instead);
  return Array.isArray(value) ? value.with(Number(key), inside) : { ...Object(value), [key]: inside };
}
