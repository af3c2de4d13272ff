import { execFileSync } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { serializeManifest } from '@sealtrack/envelope/manifest';
import { splicePkcs7 } from '@sealtrack/envelope/splice';
import { AppError } from '@sealtrack/errors/app-error';
import { once } from '@sealtrack/media-store/read-all';
import { temporaryFolder } from '@sealtrack/testkit/temporary-folder';
import { afterAll, beforeEach, describe, expect, test } from 'vitest';
import { ABANDONED_AFTER_MS } from './domain/attempt.ts';
import type { ProfileInForce } from './domain/profile.ts';
import { context, header, media, newSystem } from './testing/encryptor.ts';
import { expired, holding, inForce, main, other, play, see, stubHoldingKeys } from './testing/held-tenant.ts';
import { noise, waveformOf, wavOf } from './testing/wav.ts';

const folder = await temporaryFolder();
afterAll(() => folder.remove());

const broken = inForce({ policy: 'required', certificates: [expired(main)] });
const repaired = inForce({ policy: 'required', certificates: [main.assigned] });
const { signal } = context;

let count = 0;
async function setUp(profile: ProfileInForce = broken) {
  const shared = await newSystem(`${folder.path}/${++count}`, profile);
  const crypto = stubHoldingKeys();
  const { encrypt, sweep } = shared.encryptor({ holding: crypto.keys });
  return {
    ...shared,
    crypto,
    encrypt,
    sweep: () => sweep(signal),
    hold: async (...ids: string[]) => {
      await Promise.all(ids.map((id) => encrypt(header(id), media(), context)));
      shared.said.length = 0;
    },
    repair: (to = repaired) => shared.profiles.set('101', to),
    marks: () => Array.fromAsync(shared.store.list('quarantine/')),
  };
}

let system: Awaited<ReturnType<typeof setUp>>;
beforeEach(async () => {
  system = await setUp();
});

const rewrapped = (id: string) => expect.stringMatching(new RegExp(`^rewrapped ${id} 20`));

describe('once the profile is repaired', () => {
  test('a recording opens with its certificate, its media untouched, and nothing else is left', async () => {
    await system.hold('call-1');
    const before = await system.manifest('call-1');
    await system.sweep();
    expect(await system.manifest('call-1')).toEqual(before);
    expect(system.counts).toMatchObject({ inQuarantine: 1, released: 0 });

    system.repair(inForce({ policy: 'required', certificates: [main.assigned, other.assigned] }));
    system.later(1000);
    await system.sweep();
    const after = await system.manifest('call-1');
    expect(await play(system.store, after, main)).toBe('a short call');
    expect(await play(system.store, after, other)).toBe('a short call');
    await expect(play(system.store, after, holding)).rejects.toThrow();
    expect(after).not.toHaveProperty('quarantine');
    const { quarantine: _, ...kept } = before;
    expect(after).toEqual({
      ...kept,
      rewrappedAt: new Date(Date.parse(before.encryptedAt) + 1000).toISOString(),
      media: [
        {
          ...before.media[0],
          certificateIds: [main, other].map(({ certificate }) => certificate.certificateId),
          envelope: expect.any(Buffer),
          envelopeMac: expect.any(Buffer),
        },
      ],
    });
    expect(system.said).toEqual([`rewrapped call-1 ${after.rewrappedAt}`]);
    expect((await system.keys()).filter((key) => !key.startsWith('recordings/'))).toEqual([]);
    expect(system.counts).toMatchObject({ inQuarantine: 0, released: 1 });
    await system.sweep();
    expect(system.said).toHaveLength(1);
  });

  test('its waveform opens with its certificate, as it was sealed', async () => {
    const sound = noise(1000, { encoding: 'pcm16' });
    await system.encrypt(header('call-1'), media(wavOf(sound, { encoding: 'pcm16' })), context);
    const held = await system.manifest('call-1');
    const right = waveformOf(sound, { encoding: 'pcm16' });
    expect(await see(held, holding)).toEqual(right);
    system.repair();
    await system.sweep();
    const released = await system.manifest('call-1');
    expect(released.media[0]?.waveform).toEqual(held.media[0]?.waveform);
    expect(await see(released, main)).toEqual(right);
    await expect(see(released, holding)).rejects.toMatchObject({ code: 'KEY_NOT_HELD' });
  });

  test('OpenSSL opens it with the key of the certificate', async () => {
    await system.hold('call-1');
    system.repair();
    await system.sweep();
    const [entry] = (await system.manifest('call-1')).media;
    if (entry === undefined || entry.suite === 'clear') throw new Error('not sealed');
    const keys = await Array.fromAsync(system.store.list('recordings/'));
    const key = keys.find((each) => each.endsWith('.enc')) ?? '';
    const ciphertext = Buffer.concat(await Array.fromAsync(system.store.read(key)));
    const { prefix, suffix } = splicePkcs7(entry.envelope, ciphertext.length);
    const path = `${folder.path}/spliced-${count}`;
    await writeFile(path, Buffer.concat([prefix, ciphertext, suffix]));
    await writeFile(`${path}.key`, main.privateKeyPem);
    const opened = execFileSync('openssl', [
      'smime',
      '-decrypt',
      '-inform',
      'DER',
      '-in',
      path,
      '-inkey',
      `${path}.key`,
    ]);
    expect(opened.toString()).toBe('a short call');
  });

  test('the recordings of others stay', async () => {
    system.profiles.set('102', broken);
    await system.hold('call-1');
    await system.encrypt(header('call-2', { profileId: '102' as never }), media(), context);
    await system.encrypt(header('call-3', { mediaType: 'screen' }), media(), context);
    system.repair(
      inForce(
        { policy: 'required', certificates: [main.assigned] },
        { own: { screen: { policy: 'required', certificates: [] } } },
      ),
    );
    await system.sweep();
    expect(system.crypto.asked).toEqual(['call-1']);
    expect((await system.manifest('call-2')).quarantine).toBeDefined();
    expect((await system.manifest('call-3')).quarantine).toBeDefined();
    expect(system.counts.inQuarantine).toBe(2);
  });
});

test('the recordings of each tenant are asked for as its own', async () => {
  await system.hold('call-1', 'call-2');
  const others = header('call-3', { tenantId: 'other' as never });
  await system.encrypt(others, media(), context);
  system.repair();
  const asked: string[] = [];
  const { rewrap } = system.crypto.keys;
  const holding: typeof system.crypto.keys = {
    rewrap: (tenantId, recordings, ...rest) => {
      asked.push(`${tenantId}: ${recordings.length}`);
      return rewrap(tenantId, recordings, ...rest);
    },
  };
  await system.encryptor({ holding }).sweep(signal);
  expect(asked.toSorted()).toEqual(['demo: 2', 'other: 1']);
  expect(system.counts).toMatchObject({ inQuarantine: 0, released: 3 });
});

test('what has to stay is not even read', async () => {
  await system.hold('call-1');
  const unread = { ...system.store };
  unread.read = (key) => {
    throw new Error(`${key} was read`);
  };
  await system.encryptor({ store: unread, holding: system.crypto.keys }).sweep(signal);
  expect(system.lines.filter(({ level }) => level === 'error')).toEqual([]);
  expect(system.counts.inQuarantine).toBe(1);
});

describe('it stays in quarantine', () => {
  test.each<[string, ProfileInForce | undefined]>([
    ['with a policy of "off" and no certificate', inForce({ policy: 'off', certificates: [] })],
    [
      'with a policy of "optional" and no usable one',
      inForce({ policy: 'optional', certificates: [expired(main)] }),
    ],
    [
      'when its profile was deleted',
      inForce({ policy: 'required', certificates: [main.assigned] }, { unusable: 'profile-deleted' }),
    ],
    ['when nobody knows its profile', undefined],
  ])('%s', async (_, profile) => {
    await system.hold('call-1');
    if (profile === undefined) system.profiles.clear();
    else system.repair(profile);
    await system.sweep();
    const manifest = await system.manifest('call-1');
    expect(manifest.quarantine).toBeDefined();
    expect(await play(system.store, manifest, holding)).toBe('a short call');
    expect(system.crypto.asked).toEqual([]);
    expect(system.said).toEqual([]);
    expect(system.counts.inQuarantine).toBe(1);
  });

  test('without a crypto server, and is counted', async () => {
    await system.hold('call-1');
    system.repair();
    await system.encryptor().sweep(signal);
    expect((await system.manifest('call-1')).quarantine).toBeDefined();
    expect(system.counts.inQuarantine).toBe(1);
  });
});

describe('what fails', () => {
  const refused = new AppError('CERTIFICATE_UNUSABLE', 'no', { fix: 'other' });

  test('alone is left for the next sweep, and the others go on', async () => {
    await system.hold('call-1', 'call-2', 'call-3');
    system.repair();
    system.crypto.fail((id) => (id === 'call-2' ? refused : undefined));
    await system.sweep();
    expect(system.said.toSorted()).toEqual([rewrapped('call-1'), rewrapped('call-3')]);
    expect((await system.manifest('call-2')).quarantine).toBeDefined();
    expect(system.counts.inQuarantine).toBe(1);
    expect(system.lines).toContainEqual(
      expect.objectContaining({ level: 'error', count: 1, recordingId: 'call-2', fix: 'other' }),
    );
    system.crypto.fail(undefined);
    await system.sweep();
    expect(system.said.at(-1)).toEqual(rewrapped('call-2'));
  });

  test('since the crypto server is sealed ends the sweep, without an alarm', async () => {
    const ids = Array.from({ length: 100 }, (_, index) => `call-${index}`);
    await system.hold(...ids);
    system.repair();
    let calls = 0;
    system.crypto.fail(() => {
      calls++;
      return new AppError('SEALED', 'sealed', { fix: 'unseal' });
    });
    expect(await system.sweep()).toBe('soon');
    // One batch asked, and no more.
    expect(calls).toBeLessThanOrEqual(64);
    expect(system.counts.inQuarantine).toBe(100);
    expect(system.lines.filter(({ level }) => level === 'error')).toEqual([]);
    system.crypto.fail(undefined);
    expect(await system.sweep()).toBe('later');
    expect(system.counts).toMatchObject({ inQuarantine: 0, released: 100 });
    expect(new Set(system.crypto.asked).size).toBe(100);
  });

  test('since a manifest is damaged does not keep the others', async () => {
    await system.hold('call-1', 'call-2');
    const key = (await Array.fromAsync(system.store.list('recordings/'))).find((each) =>
      each.endsWith('call-1/recording.json'),
    );
    await system.store.replace(key ?? '', once(Buffer.from('{')));
    system.repair();
    await system.sweep();
    expect(system.said).toEqual([rewrapped('call-2')]);
    expect(system.counts.inQuarantine).toBe(1);
  });

  test('while the bus is away waits, before anything is changed', async () => {
    await system.hold('call-1');
    system.repair();
    system.bus.up = false;
    await system.sweep();
    expect((await system.manifest('call-1')).quarantine).toBeDefined();
    expect(system.crypto.asked).toEqual([]);
  });

  type Rewrapped = Awaited<ReturnType<typeof system.crypto.keys.rewrap>>;
  const withEnvelope = (answers: Rewrapped, change: (envelope: Buffer) => Buffer): Rewrapped =>
    answers.map((each) => (each instanceof AppError ? each : { ...each, envelope: change(each.envelope) }));
  const [aes256, aes128] = ['60864801650304012a', '608648016503040102'];
  test.each<[string, (answers: Rewrapped) => Rewrapped]>([
    ['is one for another', (answers) => answers.toReversed()],
    [
      'has another cipher',
      (answers) =>
        withEnvelope(answers, (envelope) =>
          Buffer.from(envelope.toString('hex').replace(aes256, aes128), 'hex'),
        ),
    ],
    ['is none', (answers) => withEnvelope(answers, () => Buffer.alloc(0))],
    ['is missing', () => []],
  ])('an answer whose envelope of the media %s changes nothing', async (_, wrong) => {
    await system.hold('call-1', 'call-2');
    system.repair();
    const swapped = system.encryptor({
      holding: { rewrap: async (...args) => wrong(await system.crypto.keys.rewrap(...args)) },
    });
    await swapped.sweep(signal);
    for (const id of ['call-1', 'call-2']) expect((await system.manifest(id)).quarantine).toBeDefined();
    expect(system.lines).toContainEqual(expect.objectContaining({ level: 'error', count: 2 }));
  });

  test('since there is no room for what was decided is left for the next sweep', async () => {
    await system.hold('call-1');
    system.repair();
    const full = { ...system.store };
    full.create = () => Promise.reject(new AppError('STORE_UNAVAILABLE', 'no room', { fix: '' }));
    await system.encryptor({ store: full, holding: system.crypto.keys }).sweep(signal);
    expect((await system.manifest('call-1')).quarantine).toBeDefined();
    expect(system.counts.inQuarantine).toBe(1);
  });

  test('an answer for fewer certificates than were asked for changes nothing', async () => {
    await system.hold('call-1');
    system.repair(inForce({ policy: 'required', certificates: [main.assigned, other.assigned] }));
    const { rewrap } = system.crypto.keys;
    const sparing = system.encryptor({
      holding: {
        rewrap: (tenantId, asked, ...rest) =>
          rewrap(
            tenantId,
            asked.map((each) => ({ ...each, certificateIds: each.certificateIds.slice(1) })),
            ...rest,
          ),
      },
    });
    await sparing.sweep(signal);
    expect((await system.manifest('call-1')).quarantine).toBeDefined();
    expect(system.said).toEqual([]);
  });
});

test('an encryptor killed at any point leaves a recording that the next sweep releases, once', async () => {
  let died = 0;
  for (let steps = 0; ; steps++) {
    const shared = await setUp();
    await shared.hold('call-1');
    shared.repair();
    const dying = shared.dying(steps, { holding: shared.crypto.keys });
    await dying.sweep(signal).catch(() => undefined);
    if (!dying.isDead()) break;
    died++;
    shared.later(60_000);
    await shared.sweep();
    const manifest = await shared.manifest('call-1');
    expect(await play(shared.store, manifest, main)).toBe('a short call');
    expect(manifest).not.toHaveProperty('quarantine');
    // Said again it is the same event.
    expect([...new Set(shared.said)]).toEqual([`rewrapped call-1 ${manifest.rewrappedAt}`]);
    expect(await shared.marks()).toEqual([]);
  }
  expect(died).toBeGreaterThan(4);
});

// What a recording is sealed to is what keeps that key from being deleted, also when nobody can be sealed to any more.
test.each<[string, (shared: typeof system) => void]>([
  ['none of its certificates can be used', ({ repair }) => repair(broken)],
  ['it is gone', ({ profiles }) => profiles.clear()],
])('what an encryptor released before it was killed is said, though %s by then', async (_, spoil) => {
  let silent = 0;
  for (let steps = 0; ; steps++) {
    const shared = await setUp();
    await shared.hold('call-1');
    shared.repair();
    const dying = shared.dying(steps, { holding: shared.crypto.keys });
    await dying.sweep(signal).catch(() => undefined);
    if (!dying.isDead()) break;
    const { rewrappedAt } = await shared.manifest('call-1');
    if (rewrappedAt !== undefined && shared.said.length === 0) silent++;
    spoil(shared);
    await shared.sweep();
    expect([...new Set(shared.said)]).toEqual(
      rewrappedAt === undefined ? [] : [`rewrapped call-1 ${rewrappedAt}`],
    );
    if (rewrappedAt !== undefined) expect(await shared.marks()).toEqual([]);
    expect(shared.counts.inQuarantine).toBe(rewrappedAt === undefined ? 1 : 0);
  }
  expect(silent).toBe(1);
});

describe('a recording that changes while it is rewrapped', () => {
  const changing = (change: () => Promise<unknown>) =>
    system.encryptor({
      holding: {
        async rewrap(...args) {
          const answers = await system.crypto.keys.rewrap(...args);
          await change();
          return answers;
        },
      },
    });
  const manifestKey = async () =>
    (await Array.fromAsync(system.store.list('recordings/'))).find((key) => key.endsWith('.json')) ?? '';

  beforeEach(async () => {
    await system.hold('call-1');
    system.repair();
  });

  test('stays as it is then', async () => {
    const [key, manifest] = [await manifestKey(), await system.manifest('call-1')];
    const other = { ...manifest, attributes: { agent: '8' } };
    await changing(() => system.store.replace(key, once(serializeManifest(other)))).sweep(signal);
    expect(await system.manifest('call-1')).toEqual(other);
    expect(system.said).toEqual([]);
    expect(system.counts.inQuarantine).toBe(1);
  });

  test('is not asked for when its profile broke again meanwhile', async () => {
    const late = { ...system.store };
    late.read = (...args) => {
      system.repair(broken);
      return system.store.read(...args);
    };
    await system.encryptor({ store: late, holding: system.crypto.keys }).sweep(signal);
    expect(system.crypto.asked).toEqual([]);
    expect(system.counts.inQuarantine).toBe(1);
  });

  test('does not come back when it was deleted', async () => {
    const key = await manifestKey();
    await changing(() => system.store.delete(key)).sweep(signal);
    await expect(system.manifest('call-1')).rejects.toThrow('no manifest');
    expect(system.said).toEqual([]);
    expect(system.lines.filter(({ level }) => level === 'error')).toEqual([]);
  });
});

describe('several encryptors at once', () => {
  test('release everything, all with the same manifests as are said', async () => {
    const ids = Array.from({ length: 100 }, (_, index) => `call-${index}`);
    await system.hold(...ids);
    system.repair();
    const sweeps = Array.from({ length: 3 }, () => system.encryptor({ holding: system.crypto.keys }).sweep);
    await Promise.all(sweeps.map((sweep) => sweep(signal)));
    expect(await system.marks()).toEqual([]);
    const manifests = await Promise.all(ids.map((id) => system.manifest(id)));
    expect(new Set(system.said)).toEqual(
      new Set(manifests.map(({ recordingId, rewrappedAt }) => `rewrapped ${recordingId} ${rewrappedAt}`)),
    );
    for (const manifest of manifests.slice(0, 20))
      expect(await play(system.store, manifest, main)).toBe('a short call');
    expect(system.counts.inQuarantine).toBe(0);
    expect(system.lines.filter(({ level }) => level === 'error')).toEqual([]);
    expect(system.crypto.asked.length).toBeLessThan(3 * 100);
  });

  test('do not take what another one just finished for a failure', async () => {
    await system.hold('call-1');
    system.repair();
    const late = { ...system.store };
    let isDecided = false;
    late.create = async (key, ...rest) => {
      if (!key.endsWith('.release') || isDecided) return await system.store.create(key, ...rest);
      isDecided = true;
      await system.sweep();
      throw new AppError('OBJECT_EXISTS', key, { fix: '' });
    };
    await system.encryptor({ store: late, holding: system.crypto.keys }).sweep(signal);
    expect(isDecided).toBe(true);
    expect(system.lines.filter(({ level }) => level === 'error')).toEqual([]);
    expect(system.counts).toMatchObject({ inQuarantine: 0, released: 1 });
    const { rewrappedAt } = await system.manifest('call-1');
    expect(new Set(system.said)).toEqual(new Set([`rewrapped call-1 ${rewrappedAt}`]));
    expect(await system.marks()).toEqual([]);
  });

  // Which certificate a recording needs is what keeps its key from being deleted: what is said has to be what is stored.
  test('that choose other certificates agree on one', async () => {
    await system.hold('call-1');
    const { promise: bothAsked, resolve } = Promise.withResolvers<void>();
    let asking = 0;
    const slow = (to: ProfileInForce) =>
      system.encryptor({
        holding: {
          rewrap: async (...args) => {
            const answers = await system.crypto.keys.rewrap(...args);
            if (++asking === 2) resolve();
            else system.repair(to);
            await bothAsked;
            return answers;
          },
        },
      });
    const next = inForce({ policy: 'required', certificates: [other.assigned] });
    system.repair();
    const first = slow(next).sweep(signal);
    await expect.poll(() => asking).toBe(1);
    await Promise.all([first, slow(next).sweep(signal)]);
    await system.sweep();
    const manifest = await system.manifest('call-1');
    expect(new Set(system.said)).toEqual(new Set([`rewrapped call-1 ${manifest.rewrappedAt}`]));
    expect(await system.marks()).toEqual([]);
  });
});

test('a decision that is gone before it can be read is no error', async () => {
  await system.hold('call-1');
  system.repair();
  let gone = 0;
  const store = { ...system.store };
  store.create = async (key, ...rest) => {
    if (key.endsWith('.release') && gone++ === 0) throw new AppError('OBJECT_EXISTS', key, { fix: '' });
    return await system.store.create(key, ...rest);
  };
  await system.encryptor({ store, holding: system.crypto.keys }).sweep(signal);
  expect(system.said).toEqual([rewrapped('call-1')]);
  expect(system.lines.filter(({ level }) => level === 'error')).toEqual([]);
  expect(gone).toBe(2);
});

test('what an encryptor that died long ago had decided for other certificates is not used', async () => {});

test.each([
  ['other certificates', [other.assigned]],
  ['one more certificate', [main.assigned, other.assigned]],
])('what an encryptor that died long ago had decided for %s is not used', async (_, certificates) => {
  await system.hold('call-1');
  system.repair(inForce({ policy: 'required', certificates }));
  // The decision, and nothing after it.
  await system
    .dying(1, { holding: system.crypto.keys })
    .sweep(signal)
    .catch(() => undefined);
  expect(await system.marks()).toHaveLength(2);
  system.repair();
  system.later(ABANDONED_AFTER_MS + 1000);
  await system.sweep();
  await system.sweep();
  const manifest = await system.manifest('call-1');
  expect(await play(system.store, manifest, main)).toBe('a short call');
  await expect(play(system.store, manifest, other)).rejects.toThrow();
  expect(await system.marks()).toEqual([]);
});

test('what one that may still be at it had decided is used, whatever the profile has become', async () => {
  await system.hold('call-1');
  system.repair(inForce({ policy: 'required', certificates: [other.assigned] }));
  await system
    .dying(1, { holding: system.crypto.keys })
    .sweep(signal)
    .catch(() => undefined);
  system.repair();
  system.later(ABANDONED_AFTER_MS - 1000);
  await system.sweep();
  const manifest = await system.manifest('call-1');
  expect(await play(system.store, manifest, other)).toBe('a short call');
  expect(system.said).toEqual([`rewrapped call-1 ${manifest.rewrappedAt}`]);
  expect(await system.marks()).toEqual([]);
});

test('a mark without a manifest is left alone until nobody can be at it any more', async () => {
  system.repair();
  const key = 'quarantine/demo/101/voice/call-9.0123456789abcdef01234567.json';
  await system.store.create(key, once(Buffer.from(JSON.stringify({ since: new Date().toISOString() }))));
  for (const ms of [0, ABANDONED_AFTER_MS - 1000]) {
    system.later(ms);
    await system.sweep();
    expect(await system.marks()).toEqual([key]);
  }
  system.later(2000);
  await system.sweep();
  expect(await system.marks()).toEqual([]);
  expect(system.said).toEqual([]);
});

test('a decision that is left without its mark and its recording goes', async () => {
  system.repair();
  const key = 'quarantine/demo/101/voice/call-9.0123456789abcdef01234567.release';
  await system.store.create(key, once(Buffer.from('{}')));
  await system.sweep();
  expect(await system.marks()).toEqual([]);
  expect(system.counts.inQuarantine).toBe(0);
});

test('a mark of an attempt that another one overtook goes, and nothing is said', async () => {
  await system.hold('call-1');
  system.repair();
  const stray = 'quarantine/demo/101/voice/call-1.0123456789abcdef01234567.json';
  await system.store.create(stray, once(Buffer.from(JSON.stringify({ since: new Date().toISOString() }))));
  await system.sweep();
  expect(await system.marks()).toEqual([]);
  expect(system.said).toEqual([rewrapped('call-1')]);
  expect(system.crypto.asked).toEqual(['call-1']);
});

test('the mark of a recording that was released stays until its manifest is known to survive a power cut', async () => {
  await system.hold('call-1');
  system.repair();
  // The manifest is replaced, and nothing after it.
  await system
    .dying(2, { holding: system.crypto.keys })
    .sweep(signal)
    .catch(() => undefined);
  const unsure = { ...system.store };
  unsure.confirm = async (key) => {
    throw new AppError('STORE_UNAVAILABLE', `${key} may be lost`, { fix: '' });
  };
  const marks = await system.marks();
  await system.encryptor({ store: unsure, holding: system.crypto.keys }).sweep(signal);
  expect(await system.marks()).toEqual(marks);
  await system.sweep();
  expect(await system.marks()).toEqual([]);
  expect(system.said).toEqual([rewrapped('call-1')]);
});

test('something else among the marks is passed over', async () => {
  await system.hold('call-1');
  await system.store.create('quarantine/demo/101/voice/notes.txt', once(Buffer.from('x')));
  system.repair();
  await system.sweep();
  expect(system.said).toEqual([rewrapped('call-1')]);
});
