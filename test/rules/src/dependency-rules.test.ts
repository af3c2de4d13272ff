import { expect, test } from 'vitest';
import { allImports, type Import } from './sources.ts';

const imports = allImports();
const isTest = (file: string) =>
  /\.test\.tsx?$|^test\/|^packages\/testkit\/|\/testing\/|contract[^/]*\.ts$/.test(file);
const show = (found: readonly Import[]) => found.map(({ file, specifier }) => `${file} imports ${specifier}`);

test('finds the imports it is meant to check', () => {
  expect(imports.length).toBeGreaterThan(100);
  expect(imports.some(({ specifier }) => specifier.startsWith('@nats-io/'))).toBe(true);
});

/** A library that stands behind a boundary has one package that knows it, so that replacing it is one change. */
const OWNERS: readonly (readonly [library: RegExp, owners: RegExp])[] = [
  [/^@nats-io\//, /^packages\/bus\//],
  [/^(@grpc\/|nice-grpc)/, /^packages\/(rpc|contracts)\//],
  [/^node-jose$/, /^packages\/jose\//],
  [/^shamir-secret-sharing$/, /^packages\/sealed-store\//],
  [/^ioredis$/, /^packages\/redis\//],
  [/^pino$/, /^packages\/service-kit\//],
  [/^prom-client$/, /^packages\/service-kit\//],
  [/^(pkijs|asn1js)$/, /^packages\/(envelope|certificates)\//],
  [/^@peculiar\/x509$/, /^packages\/certificates\//],
  [/^commander$/, /^packages\/cli\//],
  [/^testcontainers$/, /^packages\/testkit\//],
  [/^piscina$/, /^packages\/envelope\/src\/key-decryption-/],
];

test.each(OWNERS)('%s is imported by its owner only', (library, owner) => {
  const strangers = imports.filter(
    ({ file, specifier }) => library.test(specifier) && !owner.test(file) && !isTest(file),
  );
  expect(show(strangers)).toEqual([]);
});

/**
 * Pure code is a function of its arguments: nothing in it can reach a network, a disk or a clock of its own. So is what the
 * pool of key-decryption-pool.ts computes, and only where it does that is its own matter.
 */
const PURE =
  /^(packages\/(ids|errors|envelope|certificates)\/src\/(?!key-decryption-)|(packages|services)\/[^/]+\/src\/domain\/)/;
const PURE_MAY_IMPORT =
  /^(\.|node:(crypto|zlib|buffer|util)$|@sealtrack\/(ids|errors|envelope|certificates)\/|@sealtrack\/contracts\/(subjects$|gen\/)|@sealtrack\/media-http\/domain\/|pkijs$|asn1js$|@peculiar\/x509$|zod$)/;

test('pure code imports pure code only', () => {
  const impure = imports.filter(
    ({ file, specifier }) => PURE.test(file) && !isTest(file) && !PURE_MAY_IMPORT.test(specifier),
  );
  expect(show(impure)).toEqual([]);
});

/** Inside a service only the composition root and the adapters may know how the outside is reached. */
const EDGE = /^services\/[^/]+\/(main\.ts|src\/(service|config)\.ts|src\/adapters\/)/;
const OUTSIDE =
  /^@sealtrack\/((bus|rpc|redis|sealed-store)\/|media-http\/http-server$)|^node:(net|http|https|fs|child_process)/;

test('use cases know the outside by its types only', () => {
  const leaks = imports.filter(
    ({ file, specifier, typeOnly }) =>
      file.startsWith('services/') &&
      !isTest(file) &&
      !EDGE.test(file) &&
      OUTSIDE.test(specifier) &&
      !typeOnly,
  );
  expect(show(leaks)).toEqual([]);
});

test('services never import each other, and nothing imports a service', () => {
  const crossing = imports.filter(({ specifier }) =>
    /^@sealtrack\/(media-encryptor|metadata-processor|crypto-server|profile-config|playback|console)(\/|$)/.test(
      specifier,
    ),
  );
  expect(show(crossing)).toEqual([]);
});

/** What runs in a browser takes no more of the rest than types, and what src/api says to both sides. */
const IN_BROWSER = /^services\/console\/web\/src\//;
const BROWSER_MAY_IMPORT =
  /^\.{1,2}\/(?!.*\.\.\/src\/(?!api\/))|^(react|react-dom|react-router|uplot)(\/|$)|^@tanstack\/react-query$/;

test('pages know the API and their own libraries only', () => {
  const strangers = imports.filter(
    ({ file, specifier, typeOnly }) =>
      IN_BROWSER.test(file) && !isTest(file) && !typeOnly && !BROWSER_MAY_IMPORT.test(specifier),
  );
  expect(show(strangers)).toEqual([]);
});

test('a relative import stays inside its package', () => {
  const leaving = imports.filter(({ file, specifier }) => {
    if (!specifier.startsWith('.')) return false;
    const depth = file.split('/').length - 3;
    return (specifier.match(/\.\.\//g)?.length ?? 0) > depth;
  });
  expect(show(leaving)).toEqual([]);
});

test('tests and tools stay out of what runs in production', () => {
  const loose = imports.filter(
    ({ file, specifier }) =>
      /^@sealtrack\/(testkit|launcher|local-servers)\/|^vitest/.test(specifier) &&
      !isTest(file) &&
      !/^packages\/(launcher|local-servers)\//.test(file),
  );
  expect(show(loose)).toEqual([]);
});
