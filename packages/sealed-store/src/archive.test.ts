import { createHash } from 'node:crypto';
import type { AppError } from '@sealtrack/errors/app-error';
import type { KeyId, TenantId } from '@sealtrack/ids/ids';
import fc from 'fast-check';
import { compactDecrypt } from 'jose';
import { describe, expect, test } from 'vitest';
import { type ArchiveName, entryPurpose, NAMES_A_LINE } from './archive-format.ts';
import type { ArchivePart, OpenArchive } from './archive-reader.ts';
import { createKeyArchives } from './key-archives.ts';
import { certificateOf, createArchiveKeyring, nameOf } from './testing/archive-keyring.ts';

const ARCHIVE = '0123456789abcdef0123456789abcdef';
const SECRET = Buffer.from('a private key that must not be seen');
const createdAt = new Date('2026-07-01T02:00:00Z');
const names = Array.from({ length: 6 }, (_, index) => nameOf(index + 1));

type TestKeyring = ReturnType<typeof createArchiveKeyring>;

async function backUp(
  keyring: TestKeyring,
  {
    archiveId = ARCHIVE,
    of = names,
    before = (_: ArchiveName): void => undefined,
    gone = [] as string[],
  } = {},
): Promise<Buffer> {
  const read = async (name: ArchiveName) => {
    before(name);
    return gone.includes(name.certificateId)
      ? undefined
      : await certificateOf(name, keyring.current(), SECRET);
  };
  const chunks = createKeyArchives(keyring).create({ archiveId, createdAt, names: of, read });
  return Buffer.concat(await Array.fromAsync(chunks));
}

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}

const open = (bytes: Uint8Array, keyring: TestKeyring): Promise<OpenArchive> =>
  createKeyArchives(keyring).open(once(bytes));

async function read(bytes: Uint8Array, keyring: TestKeyring) {
  const parts = await Array.fromAsync((await open(bytes, keyring)).parts());
  const pick = <K extends ArchivePart['kind']>(kind: K) =>
    parts.filter((part): part is Extract<ArchivePart, { kind: K }> => part.kind === kind);
  return {
    whole: pick('certificate').map(({ name }) => name.alias),
    damaged: pick('damage'),
    named: pick('damage').map(({ name }) => name?.alias),
  };
}

const keyring = createArchiveKeyring();
const archive = await backUp(keyring);
const lines = archive.toString('latin1').split('\n').slice(0, -1);
const joined = (all: readonly string[]): Buffer =>
  Buffer.from(all.map((line) => `${line}\n`).join(''), 'latin1');
const aliases = names.map(({ alias }) => alias);
const without = (...taken: (string | undefined)[]) => aliases.filter((alias) => !taken.includes(alias));
/** Where the first certificate stands; before it are the header and the names. */
const FIRST = 2;

describe('a backup', () => {
  test('gives back what was put in, in order', async () => {
    const opened = await open(archive, keyring);
    expect(opened).toMatchObject({ archiveId: ARCHIVE, createdAt: createdAt.toISOString() });
    const parts = await Array.fromAsync(opened.parts());
    expect(parts.map((part) => part.name)).toEqual(names);
    for (const part of parts) {
      if (part.kind !== 'certificate' || part.sealedKey === undefined) throw new Error('not a certificate');
      const { tenantId, certificateId } = part.name;
      expect(part.certificate).toEqual({ certificateId });
      const whose = { tenant: tenantId as TenantId, keyId: certificateId as KeyId };
      expect((await opened.unsealKey(part.sealedKey, whose)).equals(SECRET)).toBe(true);
    }
  });

  test('comes in whatever pieces', async () => {
    async function* pieces() {
      for (let at = 0; at < archive.length; at += 7) yield archive.subarray(at, at + 7);
    }
    const opened = await createKeyArchives(keyring).open(pieces());
    expect((await Array.fromAsync(opened.parts())).map(({ kind }) => kind)).toEqual(
      Array(6).fill('certificate'),
    );
  });

  test('of nothing is one', async () => {
    expect(await read(await backUp(keyring, { of: [] }), keyring)).toMatchObject({ whole: [], damaged: [] });
  });

  test('leaves out what was deleted for good meanwhile, and that is no damage', async () => {
    const bytes = await backUp(keyring, { gone: [nameOf(3).certificateId] });
    expect(await read(bytes, keyring)).toMatchObject({ whole: without('Certificate 3'), damaged: [] });
  });

  test('opens with jose, line by line, under the key that the keyring derives', async () => {
    const { deriveKey } = await keyring.openRecord(await keyring.record());
    const { plaintext, protectedHeader } = await compactDecrypt(
      lines[FIRST] ?? '',
      deriveKey(entryPurpose(ARCHIVE)),
    );
    expect(protectedHeader).toMatchObject({ typ: 'sealtrack-key-backup', kind: 'certificate', line: '3' });
    expect(JSON.parse(Buffer.from(plaintext).toString())).toMatchObject({ place: 1, name: nameOf(1) });
  });

  test('shows neither keys nor whose they are', () => {
    for (const secret of [SECRET, ...names.flatMap(({ alias, certificateId }) => [alias, certificateId])])
      for (const encoding of ['latin1', 'base64url', 'hex'] as const) {
        const text = Buffer.from(secret).toString(encoding).slice(0, -1);
        expect(archive.includes(text)).toBe(false);
      }
  });

  test('is written as it is taken, and read as it comes: nothing piles up', async () => {
    let asked = 0;
    const many = Array.from({ length: 500 }, (_, index) => nameOf(index));
    const padding = 'x'.repeat(8_000);
    const chunks = createKeyArchives(keyring).create({
      ...{ archiveId: ARCHIVE, createdAt, names: many },
      read: async () => {
        asked += 1;
        return { certificate: padding };
      },
    });
    let [taken, seen] = [0, 0];
    async function* counted() {
      for await (const chunk of chunks) {
        taken += chunk.length;
        // A chunk, and the line that overflowed it; names before the first line.
        expect(asked * padding.length).toBeLessThan(taken + 100_000);
        yield chunk;
      }
    }
    const opened = await createKeyArchives(keyring).open(counted());
    for await (const _ of opened.parts()) {
      seen += 1;
      expect(asked - seen).toBeLessThan(20);
    }
    expect(seen).toBe(many.length);
  });
});

describe('what is damaged is named, and all else is there', () => {
  const at = names.map((name, index) => [name.alias, FIRST + index] as const);

  test.each(at)('%s, whose line was changed', async (alias, index) => {
    const changed = lines.with(
      index,
      (lines[index] ?? '').replace(/.{30}$/, (end) => [...end].reverse().join('')),
    );
    expect(await read(joined(changed), keyring)).toMatchObject({
      whole: without(alias),
      damaged: [{ line: index + 1, name: { alias }, problem: expect.stringContaining('damaged') }],
    });
  });

  test.each(at)('%s, whose line is gone', async (alias, index) => {
    expect(await read(joined(lines.toSpliced(index, 1)), keyring)).toMatchObject({
      whole: without(alias),
      damaged: [{ line: index + 1, name: { alias }, problem: expect.stringContaining('missing') }],
    });
  });

  test.each(at)('%s, which is there twice', async (alias, index) => {
    const twice = lines.toSpliced(index, 0, lines[index] ?? '');
    expect(await read(joined(twice), keyring)).toMatchObject({ whole: aliases, named: [alias] });
  });

  test.each(at.slice(0, -1))('%s, which changed places with the one behind it', async (alias, index) => {
    const swapped = lines.toSpliced(index, 2, lines[index + 1] ?? '', lines[index] ?? '');
    expect(await read(joined(swapped), keyring)).toMatchObject({
      whole: without(alias),
      damaged: [
        { name: { alias }, problem: expect.stringContaining('missing') },
        { name: { alias }, problem: expect.stringContaining('behind its place') },
      ],
    });
  });

  test.each(at)('%s and all behind it, when the file ends in or before its line', async (alias, index) => {
    const lost = aliases.slice(aliases.indexOf(alias));
    const whole = joined(lines.slice(0, index));
    for (const bytes of [whole, Buffer.concat([whole, Buffer.from((lines[index] ?? '').slice(0, 50))])])
      expect(await read(bytes, keyring)).toMatchObject({
        whole: without(...lost),
        damaged: [
          { problem: expect.stringContaining('ends too early') },
          ...lost.map((each) => ({ name: { alias: each } })),
        ],
      });
  });

  test('the end, when only that is missing, or only its last byte', async () => {
    for (const bytes of [joined(lines.slice(0, -1)), archive.subarray(0, -1)])
      expect(await read(bytes, keyring)).toMatchObject({
        whole: aliases,
        damaged: [{ problem: expect.stringContaining('ends too early') }],
      });
  });

  test('two lines that became one, and one that became two', async () => {
    const merged = lines.toSpliced(FIRST, 2, `${lines[FIRST]} ${lines[FIRST + 1]}`);
    expect(await read(joined(merged), keyring)).toMatchObject({ named: ['Certificate 1', 'Certificate 2'] });
    const split = lines.toSpliced(FIRST, 1, ...(lines[FIRST] ?? '').split(/(?<=^.{300})/));
    expect(await read(joined(split), keyring)).toMatchObject({ named: ['Certificate 1'] });
  });

  test('a line of another backup of the same keyring, by its number', async () => {
    const other = await backUp(keyring, { archiveId: ARCHIVE.replace('0', '1') });
    const line = other.toString('latin1').split('\n')[FIRST] ?? '';
    expect(await read(joined(lines.toSpliced(FIRST, 0, line)), keyring)).toMatchObject({
      whole: aliases,
      damaged: [{ line: FIRST + 1, problem: expect.stringContaining('not of this backup') }],
    });
    expect(await read(joined(lines.with(FIRST, line)), keyring)).toMatchObject({ named: ['Certificate 1'] });
    expect(await read(joined([...lines, line]), keyring)).toMatchObject({
      whole: aliases,
      named: [undefined],
    });
  });

  test('names: what they name is still there, and says its own', async () => {
    expect(await read(joined(lines.with(1, 'x')), keyring)).toMatchObject({
      whole: aliases,
      named: [undefined],
    });
    const many = Array.from({ length: NAMES_A_LINE + 5 }, (_, index) => nameOf(index));
    const all = (await backUp(keyring, { of: many })).toString('latin1').split('\n').slice(0, -1);
    const damaged = all.with(1, 'x').with(3, 'x').with(-3, 'x');
    expect((await read(joined(damaged), keyring)).named).toEqual([undefined, undefined, many.at(-2)?.alias]);
  });

  test('anything at all that is done to its bytes, without an error that is none of ours', async () => {
    const bytes = fc.record({
      from: fc.nat(archive.length),
      length: fc.nat(200),
      put: fc.uint8Array({ maxLength: 200 }),
    });
    await fc.assert(
      fc.asyncProperty(bytes, async ({ from, length, put }) => {
        const changed = Buffer.concat([archive.subarray(0, from), put, archive.subarray(from + length)]);
        if (changed.equals(archive)) return;
        const found = await read(changed, keyring).catch((error: unknown) => error as AppError);
        if ('damaged' in found) expect(found.damaged.length).toBeGreaterThan(0);
        else expect(found).toMatchObject({ code: 'BACKUP_INVALID', fix: expect.any(String) });
      }),
      { numRuns: 300 },
    );
  });
});

describe('the first line', () => {
  test.each([
    ['nothing', ''],
    ['another file', '-----BEGIN CERTIFICATE-----\nMIIB\n'],
    ['other JSON', '{"certificate":{}}\n'],
    ['a backup without its beginning', joined(lines.slice(1)).toString('latin1')],
  ])('of %s', async (_, text) => {
    const refused = { code: 'BACKUP_INVALID', message: expect.stringContaining('no backup of keys') };
    await expect(open(Buffer.from(text, 'latin1'), keyring)).rejects.toMatchObject(refused);
  });

  test('says that it is damaged, wherever that is, and not that the unseal key is wrong', async () => {
    const header = lines[0] ?? '';
    for (let at = 40; at < header.length; at += 5) {
      const changed = header.slice(0, at) + (header[at] === '0' ? '1' : '0') + header.slice(at + 1);
      await expect(open(joined(lines.with(0, changed)), keyring)).rejects.toMatchObject({
        code: 'BACKUP_INVALID',
        message: expect.stringContaining('damaged'),
      });
    }
  });

  test('cannot be written by who does not hold the root key', async () => {
    const { digest: _, mac, ...body } = JSON.parse(lines[0] ?? '');
    const forged = { ...body, createdAt: '2030-01-01T00:00:00.000Z' };
    const digest = createHash('sha256').update(JSON.stringify(forged)).digest('base64url');
    const bytes = joined(lines.with(0, JSON.stringify({ ...forged, digest, mac })));
    expect(await createKeyArchives(keyring).readHeader(once(bytes))).toMatchObject({ archiveId: ARCHIVE });
    await expect(open(bytes, keyring)).rejects.toMatchObject({ code: 'BACKUP_INVALID' });
  });

  test('needs an unseal key that opens it', async () => {
    await expect(open(archive, createArchiveKeyring())).rejects.toMatchObject({ code: 'SEAL_BROKEN' });
  });
});

describe('a keyring that changes during a backup', () => {
  const onThird = (work: () => void) => (name: ArchiveName) =>
    void (name.alias === 'Certificate 3' && work());

  async function expectToOpen(bytes: Buffer, changing: TestKeyring) {
    const opened = await open(bytes, changing);
    for await (const part of opened.parts()) {
      if (part.kind !== 'certificate') throw new Error(part.problem);
      const whose = { tenant: part.name.tenantId as TenantId, keyId: part.name.certificateId as KeyId };
      expect((await opened.unsealKey(part.sealedKey ?? '', whose)).equals(SECRET)).toBe(true);
    }
    return opened;
  }

  test('by a new key-encryption key: it comes along', async () => {
    const changing = createArchiveKeyring();
    const bytes = await backUp(changing, { before: onThird(() => changing.addKek()) });
    expect((await expectToOpen(bytes, changing)).record()).toEqual(await changing.record());
    const all = bytes.toString('latin1').split('\n').slice(0, -1);
    expect(all).toHaveLength(lines.length + 1);
    // Its line is the fifth; without it a certificate is still there, though not its private key.
    expect(await read(joined(all.toSpliced(4, 1)), changing)).toMatchObject({
      whole: aliases,
      named: [undefined],
    });
    expect(await read(joined(all.toSpliced(5, 1)), changing)).toMatchObject({ named: ['Certificate 3'] });
  });

  test('by a new root key, and a key-encryption key under that', async () => {
    const changing = createArchiveKeyring();
    const both = onThird(() => {
      changing.rotateRoot();
      changing.addKek();
    });
    await expectToOpen(await backUp(changing, { before: both }), changing);
  });

  test('by another unseal key: it is refused when something needs that, and opens with the old one when not', async () => {
    const changing = createArchiveKeyring();
    await expectToOpen(
      await backUp(changing, { before: onThird(() => changing.exchangeUnsealKey()) }),
      changing,
    );
    const again = createArchiveKeyring();
    const both = onThird(() => {
      again.exchangeUnsealKey();
      again.addKek();
    });
    await expect(backUp(again, { before: both })).rejects.toMatchObject({ code: 'KEYRING_BUSY' });
  });
});
