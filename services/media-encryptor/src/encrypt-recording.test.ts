import { AppError } from '@sealtrack/errors/app-error';
import { once } from '@sealtrack/media-store/read-all';
import { temporaryFolder } from '@sealtrack/testkit/temporary-folder';
import { afterAll, beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest';
import { ABANDONED_AFTER_MS, MAX_ATTEMPT_MS } from './domain/attempt.ts';
import { context, header as headerOf, media, newSystem, sound } from './testing/encryptor.ts';
import { expired, holding, inForce, main, other, play, see } from './testing/held-tenant.ts';
import { noise, waveformOf, wavOf } from './testing/wav.ts';

const folder = await temporaryFolder();
afterAll(() => folder.remove());

const header = headerOf('call-1');
const healthy = inForce({ policy: 'required', certificates: [main.assigned] });
const broken = inForce({ policy: 'required', certificates: [expired(main)] });

let count = 0;
async function setUp(profile = healthy) {
  const shared = await newSystem(`${folder.path}/${++count}`, profile);
  const { encrypt, heal } = shared.encryptor();
  return { ...shared, encrypt, heal };
}

let system: Awaited<ReturnType<typeof setUp>>;
beforeEach(async () => {
  system = await setUp();
});

const STORED = [
  expect.stringMatching(/^recordings\/demo\/..\/call-1\/main\.X\.enc$/),
  expect.stringMatching(/^recordings\/demo\/..\/call-1\/recording\.json$/),
];
const MARKED = ['attempts/X.json', ...STORED];

test('what is stored opens with the private key, and nothing else is left', async () => {
  const { manifest, duplicate } = await system.encrypt(header, media(), context);
  expect(duplicate).toBe(false);
  expect(await system.keys()).toEqual(STORED);
  expect(system.said).toEqual(['encrypted call-1']);
  expect(manifest).toMatchObject({ mediaType: 'voice' });
  expect(manifest).not.toHaveProperty('quarantine');
  expect(await play(system.store, manifest, main)).toBe('a short call');
  await expect(play(system.store, manifest, other)).rejects.toThrow();
});

describe('of a WAV file', () => {
  const options = { encoding: 'mu-law', channels: 2 } as const;
  const sounding = noise(100_000, options);
  const wav = wavOf(sounding, options);
  const inParts = async () => ({
    content: (async function* () {
      for (let from = 0; from < wav.length; from += 65_537) yield wav.subarray(from, from + 65_537);
    })(),
  });

  test.each([
    ['pkcs7', inForce({ policy: 'required', certificates: [main.assigned] }, { suite: 'pkcs7' })],
    ['cms', inForce({ policy: 'required', certificates: [main.assigned] }, { suite: 'cms' })],
    ['clear', inForce({ policy: 'off', certificates: [] })],
  ])('%s: its waveform is kept with it, and when it was handed over', async (suite, profile) => {
    const { encrypt, store } = await setUp(profile);
    const { manifest } = await encrypt(header, inParts, context);
    expect(manifest.media[0]?.suite).toBe(suite);
    expect(await see(manifest, main)).toEqual(waveformOf(sounding, options));
    expect(await play(store, manifest, main)).toBe(wav.toString());
    expect(manifest.capturedAt).toBe('2026-01-02T03:09:10.000Z');
  });

  test.each([
    ['that is cut off', wav.subarray(0, -1)],
    ['of another kind', Buffer.from('RIFF....AVI ')],
  ])('%s there is none, and the recording is as good as any', async (_, bytes) => {
    const { manifest } = await system.encrypt(header, media(bytes), context);
    expect(manifest.media[0]).not.toHaveProperty('waveform');
    expect(await play(system.store, manifest, main)).toBe(bytes.toString());
  });
});

describe('with no certificate that can be used', () => {
  test('it is held: only the holding key opens it, a mark stays, and an alarm is raised', async () => {
    const held = await setUp(broken);
    const { manifest } = await held.encrypt(header, media(), context);
    expect(manifest.quarantine).toEqual({ reason: 'expired', since: manifest.encryptedAt });
    expect(manifest.media[0]?.certificateIds).toEqual([holding.certificate.certificateId]);
    expect(await held.keys()).toEqual(['quarantine/demo/101/voice/call-1.X.json', ...STORED]);
    expect(held.said).toEqual(['encrypted call-1', 'quarantined call-1 expired']);
    expect(await play(held.store, manifest, holding)).toBe('a short call');
    await expect(play(held.store, manifest, main)).rejects.toThrow();
  });

  test.each(['pkcs7', 'cms'] as const)('it keeps the suite of its profile: %s', async (suite) => {
    const held = await setUp(inForce({ policy: 'required', certificates: [] }, { suite }));
    const { manifest } = await held.encrypt(header, media(), context);
    expect(manifest.media[0]?.suite).toBe(suite);
    expect(manifest.quarantine?.reason).toBe('none-assigned');
  });

  test('it is held for a deleted profile, whatever its policy was', async () => {
    const settings = { policy: 'off', certificates: [main.assigned] } as const;
    const held = await setUp(inForce(settings, { unusable: 'profile-deleted' }));
    const { manifest } = await held.encrypt(header, media(), context);
    expect(manifest.quarantine?.reason).toBe('profile-deleted');
    await expect(play(held.store, manifest, main)).rejects.toThrow();
  });

  test('its media type is marked and in its manifest, so that it goes to the right certificates later', async () => {
    const held = await setUp(broken);
    const { manifest } = await held.encrypt(headerOf('call-1', { mediaType: 'screen' }), media(), context);
    expect(manifest.mediaType).toBe('screen');
    expect(await held.keys()).toContain('quarantine/demo/101/screen/call-1.X.json');
  });

  test('it is refused without a holding key, and nothing is left', async () => {
    const held = await setUp(inForce({ policy: 'required', certificates: [] }, { holding: undefined }));
    await expect(held.encrypt(header, media(), context)).rejects.toMatchObject({
      code: 'NO_USABLE_CERTIFICATE',
    });
    expect(await held.keys()).toEqual([]);
  });

  test('a failure takes the mark along', async () => {
    const held = await setUp(broken);
    await expect(held.encrypt(header, media(Buffer.alloc(0)), context)).rejects.toMatchObject({
      code: 'MEDIA_EMPTY',
    });
    expect(await held.keys()).toEqual([]);
  });

  test.each(['attempts/', 'quarantine/'])('nothing is stored without its mark in %s', async (marks) => {
    const held = await setUp(broken);
    const full = { ...held.store };
    full.create = async (key, ...rest) => {
      if (key.startsWith(marks)) throw new AppError('STORE_UNAVAILABLE', 'no room', { fix: '' });
      return await held.store.create(key, ...rest);
    };
    await expect(held.encryptor({ store: full }).encrypt(header, media(), context)).rejects.toMatchObject({
      code: 'STORE_UNAVAILABLE',
    });
    expect(await held.keys()).toEqual([]);
    expect(held.said).toEqual([]);
  });

  test('of several at once one wins, and only its mark stays', async () => {
    const held = await setUp(broken);
    const all = await Promise.all(Array.from({ length: 5 }, () => held.encrypt(header, media(), context)));
    expect(all.filter(({ duplicate }) => !duplicate)).toHaveLength(1);
    expect(await held.keys()).toEqual(['quarantine/demo/101/voice/call-1.X.json', ...STORED]);
    const [mark] = await Array.fromAsync(held.store.list('quarantine/'));
    const [, attempt] = all[0]?.manifest.media[0]?.ciphertext.split('.') ?? [];
    expect(mark).toContain(`.${attempt}.`);
  });

  test.each([
    [{ policy: 'optional', certificates: [expired(main)] } as const, 'optional', 'expired'],
    [{ policy: 'off', certificates: [main.assigned] } as const, 'off', 'policy-off'],
  ])('it is in clear where the policy says so: %o', async (settings, policy, reason) => {
    const clear = await setUp(inForce(settings));
    const { manifest } = await clear.encrypt(header, media(), context);
    expect(manifest).toMatchObject({
      inClear: { policy, reason },
      media: [{ suite: 'clear', certificateIds: [] }],
    });
    expect(await clear.keys()).toEqual([
      expect.stringMatching(/^recordings\/demo\/..\/call-1\/main\.X\.clear$/),
      STORED[1],
    ]);
    expect(clear.said).toEqual(['kept-in-clear call-1']);
    expect(await play(clear.store, manifest, main)).toBe('a short call');
  });

  test('the policy "optional" seals when it can', async () => {
    const optional = await setUp(
      inForce({ policy: 'optional', certificates: [expired(other), main.assigned] }),
    );
    const { manifest } = await optional.encrypt(header, media(), context);
    expect(manifest).not.toHaveProperty('inClear');
    expect(await play(optional.store, manifest, main)).toBe('a short call');
  });
});

test('a valid certificate beside an expired one is used, with a warning an hour', async () => {
  const mixed = await setUp(inForce({ policy: 'required', certificates: [expired(other), main.assigned] }));
  const warnings = () => mixed.lines.filter(({ level }) => level === 'warn').length;
  for (const id of ['a', 'b']) await mixed.encrypt(headerOf(id), media(), context);
  expect(await play(mixed.store, await mixed.manifest('a'), main)).toBe('a short call');
  expect(warnings()).toBe(1);
  expect(mixed.lines).toContainEqual(
    expect.objectContaining({ certificateId: other.certificate.certificateId, problem: 'expired' }),
  );
  expect(mixed.counts.leftOut).toEqual(['expired', 'expired']);
  mixed.later(3_600_001);
  await mixed.encrypt(headerOf('c'), media(), context);
  expect(warnings()).toBe(2);
});

describe('an encryptor killed at any point leaves a recording that is there and said, or nothing', () => {
  const kinds = {
    sealed: [healthy, ['encrypted call-1'], STORED],
    held: [
      broken,
      ['encrypted call-1', 'quarantined call-1 expired'],
      ['quarantine/demo/101/voice/call-1.X.json', ...STORED],
    ],
    clear: [
      inForce({ policy: 'off', certificates: [] }),
      ['kept-in-clear call-1'],
      [expect.stringMatching(/main\.X\.clear$/), STORED[1]],
    ],
  } as const;
  test.each(Object.entries(kinds))('%s', async (_, [profile, said, stored]) => {
    let outcomes = { stored: 0, nothing: 0 };
    for (let steps = 0; ; steps++) {
      const shared = await setUp(profile);
      const dying = shared.dying(steps);
      const receipt = await dying.encrypt(header, media(), context).catch(() => undefined);
      const isMarked = (await shared.keys()).some((key) => key.startsWith('attempts/'));
      // Whoever comes after it: at once, and when nobody can be at it any more.
      await shared.heal(context.signal);
      shared.later(ABANDONED_AFTER_MS + 1000);
      await shared.heal(context.signal);
      const keys = await shared.keys();
      const isThere = keys.some((key) => key.endsWith('recording.json'));
      outcomes = isThere
        ? { ...outcomes, stored: outcomes.stored + 1 }
        : { ...outcomes, nothing: outcomes.nothing + 1 };
      if (isThere) {
        expect(keys).toEqual(stored);
        expect([...new Set(shared.said)]).toEqual(said);
      } else {
        expect(receipt).toBeUndefined();
        expect(shared.said).toEqual([]);
        // What was written before the attempt's own mark nobody can find by it.
        if (isMarked) expect(keys).toEqual([]);
        expect(keys.filter((key) => key.startsWith('attempts/'))).toEqual([]);
      }
      if (!dying.isDead()) break;
    }
    expect(outcomes.nothing).toBeGreaterThan(1);
    expect(outcomes.stored).toBeGreaterThan(2);
  });
});

describe('the same recording again', () => {
  beforeEach(async () => {
    await system.encrypt(header, media(), context);
  });

  test('gets the first receipt', async () => {
    const again = await system.encrypt(header, media(), context);
    expect(again.duplicate).toBe(true);
    expect(await system.keys()).toEqual(STORED);
  });

  test('gets it only once what it says is known to survive a power cut', async () => {
    const unsure = { ...system.store };
    unsure.confirm = async (key) => {
      throw new AppError('STORE_UNAVAILABLE', `${key} may be lost`, { fix: '' });
    };
    await expect(system.encryptor({ store: unsure }).encrypt(header, media(), context)).rejects.toMatchObject(
      {
        message: expect.stringContaining('recording.json may be lost'),
      },
    );
    expect(await system.keys()).toEqual(STORED);
  });

  test('gets it too when its media is gone by now', async () => {
    const gone = () => Promise.reject(new AppError('MEDIA_UNREADABLE', 'gone', { fix: '' }));
    expect((await system.encrypt(header, gone, context)).duplicate).toBe(true);
  });

  test.each([
    ['another size', header, Buffer.from('a longer recording than that')],
    ['another agent', { ...header, attributes: { agent: '8' } }, sound],
    ['another profile', headerOf('call-1', { profileId: '102' as typeof header.profileId }), sound],
    ['another start', { ...header, startedAt: new Date() }, sound],
  ])('is another recording with %s, and refused', async (_, other, bytes) => {
    await expect(system.encrypt(other, media(bytes), context)).rejects.toMatchObject({
      code: 'RECORDING_EXISTS',
    });
    expect(await system.keys()).toEqual(STORED);
  });
});

test('of several at once one wins, all get its receipt, and only its ciphertext stays', async () => {
  const all = await Promise.all(Array.from({ length: 5 }, () => system.encrypt(header, media(), context)));
  expect(all.filter(({ duplicate }) => !duplicate)).toHaveLength(1);
  expect(new Set(all.map(({ manifest }) => manifest.media[0]?.ciphertext)).size).toBe(1);
  expect(await system.keys()).toEqual(STORED);
});

test.each([
  ['agent', { ...header, attributes: { agent: '8' } }, sound],
  ['size', header, Buffer.from('a longer recording than that')],
])(
  'another recording that is sent at the same time, with another %s, is refused',
  async (_, other, bytes) => {
    const both = Promise.withResolvers<void>();
    let opened = 0;
    const together = (content: Buffer) => async () => {
      if (++opened === 2) both.resolve();
      await both.promise;
      return { content: once(content) };
    };
    const outcomes = await Promise.allSettled([
      system.encrypt(header, together(sound), context),
      system.encrypt(other, together(bytes), context),
    ]);
    expect(outcomes.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected']);
    expect(outcomes).toContainEqual(
      expect.objectContaining({ reason: expect.objectContaining({ code: 'RECORDING_EXISTS' }) }),
    );
    expect(await system.keys()).toEqual(STORED);
  },
);

describe('a failure leaves nothing behind', () => {
  test('empty media', async () => {
    await expect(system.encrypt(header, media(Buffer.alloc(0)), context)).rejects.toMatchObject({
      code: 'MEDIA_EMPTY',
    });
    expect(await system.keys()).toEqual([]);
  });

  test('a source that breaks off', async () => {
    async function* broken() {
      yield Buffer.alloc(300_000);
      throw new AppError('CANCELLED', 'gone', { fix: '' });
    }
    const open = () => Promise.resolve({ content: broken() });
    await expect(system.encrypt(header, open, context)).rejects.toMatchObject({ code: 'CANCELLED' });
    expect(await system.keys()).toEqual([]);
    expect(system.said).toEqual([]);
  });
});

describe('a manifest that is there although the store said that creating it failed', () => {
  test('keeps its ciphertext, and the recording sent again gets its receipt', async () => {
    const unsure = { ...system.store };
    unsure.create = async (key, content, options) => {
      const created = await system.store.create(key, content, options);
      if (key.endsWith('recording.json'))
        throw new AppError('STORE_UNAVAILABLE', 'the answer got lost', { fix: '' });
      return created;
    };
    await expect(system.encryptor({ store: unsure }).encrypt(header, media(), context)).rejects.toMatchObject(
      {
        code: 'STORE_UNAVAILABLE',
      },
    );
    expect(await system.keys()).toEqual(MARKED);

    const { manifest, duplicate } = await system.encrypt(header, media(), context);
    expect(duplicate).toBe(true);
    expect(await play(system.store, manifest, main)).toBe('a short call');
    await system.heal(context.signal);
    expect(system.said).toEqual(['encrypted call-1']);
    expect(await system.keys()).toEqual(STORED);
  });
});

test('an attempt that others may take for abandoned, by its mark, is given up', async () => {
  async function* slow() {
    yield sound;
    system.later(MAX_ATTEMPT_MS + 1000);
  }
  const open = () => Promise.resolve({ content: slow() });
  await expect(system.encrypt(header, open, context)).rejects.toMatchObject({ code: 'DEADLINE_EXCEEDED' });
  expect(await system.keys()).toEqual([]);
});

describe('media that never ends', () => {
  const beginning = async () => {
    const { promise: begun, resolve } = Promise.withResolvers<void>();
    async function* endless() {
      yield sound;
      resolve();
      await new Promise(() => undefined);
    }
    return { begun, open: () => Promise.resolve({ content: endless() }) };
  };

  test('is given up when its caller goes away', async () => {
    const { begun, open } = await beginning();
    const stop = new AbortController();
    const encrypting = system.encrypt(header, open, { ...context, signal: stop.signal });
    void begun.then(() => stop.abort());
    await expect(encrypting).rejects.toMatchObject({ code: 'CANCELLED' });
    expect(await system.keys()).toEqual([]);
  });

  test('is given up after the time that an attempt has', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    onTestFinished(() => void vi.useRealTimers());
    const { begun, open } = await beginning();
    const encrypting = system.encrypt(header, open, context);
    void begun.then(() => vi.advanceTimersByTime(MAX_ATTEMPT_MS));
    await expect(encrypting).rejects.toMatchObject({ code: 'DEADLINE_EXCEEDED' });
    expect(await system.keys()).toEqual([]);
  });
});

describe('an event that did not get out', () => {
  test('is said once the bus is back, and then not again', async () => {
    system.bus.up = false;
    expect((await system.encrypt(header, media(), context)).duplicate).toBe(false);
    expect(await system.keys()).toEqual(MARKED);
    await system.heal(context.signal);
    expect(await system.keys()).toEqual(MARKED);

    system.bus.up = true;
    await system.heal(context.signal);
    expect(system.said).toEqual(['encrypted call-1']);
    expect(await system.keys()).toEqual(STORED);
    await system.heal(context.signal);
    expect(system.said).toEqual(['encrypted call-1']);
  });
});

test('what an encryptor is about to say it does not say twice', async () => {
  const said: string[] = [];
  const own = system.encryptor({
    announcer: {
      ready: () => true,
      async stored({ recordingId }) {
        said.push(recordingId);
        if (said.length === 1) await own.heal(context.signal);
      },
      rewrapped: () => Promise.reject(new Error('nothing is held')),
    },
  });
  await own.encrypt(header, media(), context);
  expect(said).toEqual(['call-1']);
  expect(await system.keys()).toEqual(STORED);
});

test('a mark without a manifest is left alone until nobody can be at it any more', async () => {
  const id = '0123456789abcdef01234567';
  const mark = {
    id,
    startedAt: new Date().toISOString(),
    manifestKey: 'recordings/demo/00/call-9/recording.json',
    ciphertextKey: `recordings/demo/00/call-9/main.${id}.enc`,
    ciphertextName: `main.${id}.enc`,
  };
  await system.store.create(`attempts/${id}.json`, once(Buffer.from(JSON.stringify(mark))));
  await system.store.create(mark.ciphertextKey, once(Buffer.from('half')));
  await system.store.create('attempts/ffffffffffffffffffffffff.json', once(Buffer.from('not a mark')));
  await system.heal(context.signal);
  expect(await system.keys()).toHaveLength(3);
  system.later(ABANDONED_AFTER_MS + 1000);
  await system.heal(context.signal);
  expect(await system.keys()).toEqual(['attempts/X.json']);
});
