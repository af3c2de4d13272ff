import { closeSync, fstatSync, openSync, readFileSync } from 'node:fs';
import { AppError } from '@sealtrack/errors/app-error';
import type { z } from 'zod';
import { Secret } from './secret.ts';

export type Environment = Readonly<Record<string, string | undefined>>;
type Name = `SEALTRACK_${string}`;
type Read<T> = { readonly value: T } | { readonly problem: string };

/** One environment variable: its name, what it is for, and how it is read. */
export interface Setting<T> {
  readonly name: Name;
  readonly means: string;
  /** Further names that belong to it. */
  readonly alsoNamed: readonly Name[];
  /** The text never appears in the problem: it may hold a password, as URLs do. */
  read(env: Environment): Read<T>;
}

export interface ConfigTree {
  readonly [key: string]: Setting<unknown> | ConfigTree;
}

/** The values of a tree of settings, in the same shape. */
export type ConfigOf<Tree> =
  Tree extends Setting<infer T> ? T : { readonly [Key in keyof Tree]: ConfigOf<Tree[Key]> };

/** A variable that is set to nothing counts as one that is not set: compose files cannot unset. */
const textOf = (env: Environment, name: string): string | undefined => env[name] || undefined;

/** A setting checked by a zod type that takes a string, or undefined when it is optional or has a default. */
export const setting = <T>(name: Name, type: z.ZodType<T>, means: string): Setting<T> => ({
  name,
  means,
  alsoNamed: [],
  read: (env) => {
    const text = textOf(env, name);
    const result = type.safeParse(text);
    if (result.success) return { value: result.data };
    if (text === undefined) return { problem: `is missing: ${means}` };
    return { problem: `${result.error.issues.map((issue) => issue.message).join('; ')}: ${means}` };
  },
});

/** A secret, from the variable itself or from the file that its twin `…_FILE` names, less one line break at the end. */
export const secretSetting = (name: Name, means: string): Setting<Secret> => {
  const optional = optionalSecretSetting(name, means);
  return {
    ...optional,
    read: (env) => {
      const result = optional.read(env);
      if ('problem' in result) return result;
      if (result.value !== undefined) return { value: result.value };
      return { problem: `is missing, and so is ${name}_FILE: ${means}` };
    },
  };
};

/** The same, where it may be missing. */
export const optionalSecretSetting = (name: Name, means: string): Setting<Secret | undefined> => {
  const fileName: Name = `${name}_FILE`;
  return {
    name,
    means,
    alsoNamed: [fileName],
    read: (env) => {
      const text = textOf(env, name);
      const file = textOf(env, fileName);
      if (text !== undefined && file !== undefined)
        return { problem: `is set, and so is ${fileName}: keep one` };
      if (text !== undefined) return { value: new Secret(Buffer.from(text)) };
      return file === undefined ? { value: undefined } : readSecret(file, fileName);
    },
  };
};

const READ_BY_OTHERS = 0o077;

function readSecret(file: string, fileName: string): Read<Secret> {
  let bytes: Buffer | undefined;
  let open: number | undefined;
  try {
    open = openSync(file, 'r');
    // Of the open file, so that it cannot be exchanged between the question and the reading.
    if ((fstatSync(open).mode & READ_BY_OTHERS) !== 0)
      return { problem: `${fileName} names a file that is open to other users. Run: chmod 600 ${file}` };
    bytes = readFileSync(open);
    const breaks = bytes.at(-1) === 0x0a ? (bytes.at(-2) === 0x0d ? 2 : 1) : 0;
    return { value: new Secret(bytes.subarray(0, bytes.length - breaks)) };
  } catch (error) {
    const why = error instanceof Error && 'code' in error ? String(error.code) : 'unknown error';
    return { problem: `${fileName} names a file that cannot be read (${why})` };
  } finally {
    bytes?.fill(0);
    if (open !== undefined) closeSync(open);
  }
}

const isSetting = (node: Setting<unknown> | ConfigTree): node is Setting<unknown> =>
  'read' in node && typeof node.read === 'function';

/** Every setting of a tree, in its order. */
export const settingsOf = (tree: ConfigTree): Setting<unknown>[] =>
  Object.values(tree).flatMap((node) => (isSetting(node) ? [node] : settingsOf(node)));

/** Names that other programs of this repository read: in a shared environment they are no mistake of this one's. */
const OF_OTHERS = new Set([
  'SEALTRACK_NATS_URL',
  'SEALTRACK_REDIS_URL',
  'SEALTRACK_TEST_SERVERS',
  'SEALTRACK_INSTALLING',
  'SEALTRACK_TENANT',
  'SEALTRACK_KEY_PASSWORD',
  'SEALTRACK_INGEST_ADDRESS',
  'SEALTRACK_RECORDINGS_ADDRESS',
  'SEALTRACK_CRYPTO_ADDRESS',
  'SEALTRACK_PROFILES_ADDRESS',
]);

function read(tree: ConfigTree, env: Environment, problems: Map<string, string>): object {
  const values = Object.entries(tree).map(([key, node]) => {
    if (!isSetting(node)) return [key, read(node, env, problems)];
    const result = node.read(env);
    if ('problem' in result) problems.set(node.name, result.problem);
    return [key, 'value' in result ? result.value : undefined];
  });
  return Object.freeze(Object.fromEntries(values));
}

/**
 * The frozen, typed values of a tree of settings. Throws CONFIG_INVALID with every problem at once, by variable, in
 * `details`: what is missing or malformed, and every SEALTRACK_ variable that nobody knows (most often a typo).
 */
export function parseConfig<Tree extends ConfigTree>(tree: Tree, env: Environment): ConfigOf<Tree> {
  const problems = new Map<string, string>();
  const values = read(tree, env, problems);
  const known = settingsOf(tree).flatMap(({ name, alsoNamed }) => [name, ...alsoNamed]);
  for (const name of Object.keys(env).sort()) {
    if (!name.startsWith('SEALTRACK_') || OF_OTHERS.has(name) || known.includes(name as Name)) continue;
    problems.set(name, `is unknown here. Known are ${known.join(', ')}`);
  }
  // The tree was read key by key from Tree itself, so the shape is ConfigOf<Tree>'s.
  if (problems.size === 0) return values as ConfigOf<Tree>;
  const count = problems.size === 1 ? 'one problem' : `${problems.size} problems`;
  throw new AppError('CONFIG_INVALID', `The configuration has ${count}`, {
    fix: 'Set each variable as its line says; --check-config tries the result without starting, --help lists all.',
    details: Object.fromEntries(problems),
  });
}
