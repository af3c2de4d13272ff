import { createPrivateKey, X509Certificate } from 'node:crypto';
import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'vitest';
import { readDatabase } from '../database-file.ts';
import type { Layout } from '../layout.ts';

/** What everybody can see is whole and in ca.db, however the last run ended. */
export async function checkVisible(layout: Layout): Promise<void> {
  const known = (await readDatabase(layout)).map(({ serial }) => serial);
  for (const name of await readdir(layout.repository)) {
    if (name.startsWith('.')) continue;
    const path = join(layout.repository, name);
    const file = await readFile(path);
    if (name.endsWith('_priv_key.pem')) {
      expect(createPrivateKey(file).type).toBe('private');
      expect((await stat(path)).mode & 0o777).toBe(0o600);
    } else if (name.endsWith('.pem')) expect(known).toContain(new X509Certificate(file).serialNumber);
    expect(known).toContain(/^[0-9A-F]+/.exec(name)?.[0]);
  }
}

/** After the next run there is nothing half-done either: what is in ca.db has all its files, and there are no others. */
export async function checkHealed(layout: Layout): Promise<string[]> {
  await checkVisible(layout);
  const known = (await readDatabase(layout)).map(({ serial }) => serial);
  const names = await readdir(layout.repository);
  expect(names.filter((name) => name.startsWith('.'))).toEqual([]);
  expect((await readdir(layout.dir)).filter((name) => /^\.(draft|creating|lock$)/.test(name))).toEqual([]);
  expect((await readdir(layout.config)).filter((name) => name.startsWith('.'))).toEqual([]);
  for (const serial of known) {
    const files = names.filter((name) => name.startsWith(serial));
    const read = (end: string) =>
      readFile(join(layout.repository, files.find((name) => name.endsWith(end)) ?? end));
    const certificate = new X509Certificate(await read(`${serial}.pem`));
    expect(new X509Certificate(await read('_cert.pem')).raw.equals(certificate.raw)).toBe(true);
    if (!certificate.ca)
      expect(certificate.checkPrivateKey(createPrivateKey(await read('_priv_key.pem')))).toBe(true);
  }
  return known;
}
