import { mkdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { connect, type TLSSocket } from 'node:tls';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { openTls } from './open-tls.ts';
import { createCa, hoursFromNow, type Identity } from './testing/issue-peers.ts';
import { listenTls } from './testing/listen.ts';
import { noteTlsLog, tlsFolder } from './testing/tls-folder.ts';
import type { GuardOptions } from './tls.ts';

const ca = createCa('Test CA');
const otherCa = createCa('Other CA');
const own = ca.issue('crypto-server');
const pipeline = ca.issue('pipeline');
const profiles = ca.issue('profile-config');

beforeEach(() => void vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] }));
afterEach(() => void vi.useRealTimers());

const LOOK_MS = 250;
const USED = 'the files that secure connections changed, and are used';
const STAYS = 'the files that secure connections cannot be used: what they were stays';

async function secured({ crl, guard }: { crl?: Buffer; guard?: GuardOptions } = {}) {
  const stack = new AsyncDisposableStack();
  const folder = stack.use(await tlsFolder(ca, own, crl));
  const { lines, log } = noteTlsLog();
  let time = 0;
  const tls = stack.use(await openTls(folder.settings, log, { now: () => Date.now() + time }));
  const listening = stack.use(await listenTls(tls, {}, guard));
  const said = (message: string) => lines.filter((line) => line.message === message);
  return {
    folder,
    tls,
    lines,
    listening,
    said,
    pass: (ms: number) => {
      time += ms;
    },
    /** Lets looks pass, each with the disk it takes, until a line was said so often. */
    until: (message: string, times = 1) =>
      vi.waitFor(
        async () => {
          await vi.advanceTimersByTimeAsync(LOOK_MS);
          expect(said(message)).toHaveLength(times);
        },
        { timeout: 30_000, interval: 5 },
      ),
    /** Looks enough for anything that it should not do. */
    async rest() {
      for (let look = 0; look < 8; look += 1) {
        await vi.advanceTimersByTimeAsync(LOOK_MS);
        await new Promise((resolve) => void setTimeout(resolve, 5));
      }
    },
    async connect({ cert, key }: Identity, trusted = ca.cert): Promise<TLSSocket> {
      const socket = connect({
        port: listening.port,
        host: '127.0.0.1',
        servername: 'localhost',
        ca: trusted,
        cert,
        key,
      });
      socket.on('error', () => {});
      await ask(socket);
      return socket;
    },
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  };
}

/** Whether a connection is of use, still. */
async function ask(socket: TLSSocket): Promise<void> {
  const answer = new Promise((resolve, reject) => {
    socket.once('data', resolve);
    socket.once('close', () => reject(new Error('it was closed')));
  });
  socket.write('hello');
  await answer;
}

const closing = (socket: TLSSocket) => new Promise((resolve) => void socket.once('close', resolve));
const nameShown = (socket: TLSSocket) => socket.getPeerCertificate().subject.CN;

describe('what is taken', () => {
  test('a new certificate and key: for new connections, on both sides, and the open one goes on', async () => {
    await using system = await secured();
    const open = await system.connect(pipeline);
    const client = system.tls.client('localhost');
    const copies = [{ ...client }, Object.assign({}, client)];
    const keyBefore = client.key;
    system.folder.identity(ca.issue('renewed'));
    await system.until(USED);
    const next = await system.connect(pipeline);
    expect([nameShown(open), nameShown(next)]).toEqual(['crypto-server', 'renewed']);
    await ask(open);
    // Options that were given are as new as their reading; copies are of their time.
    expect(client.key).not.toEqual(keyBefore);
    for (const copy of copies) expect(copy.key).toEqual(keyBefore);
    expect(Object.keys(client)).toEqual(expect.arrayContaining(['cert', 'key', 'ca', 'checkServerIdentity']));
    expect(system.said(USED)[0]?.fields.certificate).toMatchObject({ subject: 'CN=renewed' });
    open.destroy();
    next.destroy();
  });

  test('another CA: its clients are let in, and those of the one that went are asked to leave', async () => {
    const retired: TLSSocket[] = [];
    await using system = await secured({ guard: { retire: (socket) => void retired.push(socket) } });
    const open = await system.connect(pipeline);
    system.folder.put('ca', Buffer.concat([ca.cert, otherCa.cert]));
    await system.until(USED);
    const stranger = await system.connect(otherCa.issue('stranger'));
    await ask(open);
    expect(retired).toEqual([]);
    system.folder.put('ca', otherCa.cert);
    await system.until(USED, 2);
    await ask(stranger);
    // What is in flight ends by itself.
    await ask(open);
    expect(retired).toEqual([system.listening.admitted[0]]);
    expect(
      system.lines.filter(({ message }) => message.startsWith('a peer was asked to leave')),
    ).toMatchObject([{ fields: { problem: 'root-untrusted', certificate: { subject: 'CN=pipeline' } } }]);
    await vi.advanceTimersByTimeAsync(120_000);
    expect(retired).toHaveLength(1);
    await expect(system.connect(pipeline)).rejects.toThrow();
    stranger.destroy();
    open.destroy();
  });

  test('a revocation list: who is on it is cut off and let in no more, and others are not touched', async () => {
    await using system = await secured({ crl: ca.crl() });
    const [bad, good] = [await system.connect(pipeline), await system.connect(profiles)];
    const closed = closing(bad);
    system.folder.put('crl', ca.crl([pipeline]));
    await system.until('a peer was cut off');
    await closed;
    await ask(good);
    expect(system.said('a peer was cut off')).toMatchObject([
      { level: 'warn', fields: { problem: 'revoked', certificate: { subject: 'CN=pipeline' } } },
    ]);
    await expect(system.connect(pipeline)).rejects.toThrow();
    good.destroy();
  });

  test('by the clock on the wall as well', async () => {
    vi.useRealTimers();
    await using system = await secured({ crl: ca.crl() });
    const bad = await system.connect(pipeline);
    const closed = closing(bad);
    system.folder.put('crl', ca.crl([pipeline]));
    await closed;
  });

  test('links that are swapped, as Kubernetes does it', async () => {
    await using system = await secured();
    const { path, settings } = system.folder;
    const generation = (name: string, { cert, key }: Identity) => {
      mkdirSync(join(path, name));
      writeFileSync(join(path, name, 'cert.pem'), cert);
      writeFileSync(join(path, name, 'key.pem'), key);
    };
    const swap = (name: string) => {
      symlinkSync(name, join(path, '..data_tmp'));
      renameSync(join(path, '..data_tmp'), join(path, '..data'));
    };
    generation('..1', own);
    swap('..1');
    mkdirSync(join(path, 'mount'));
    for (const file of ['cert.pem', 'key.pem']) symlinkSync(`../..data/${file}`, join(path, 'mount', file));
    const { lines, log } = noteTlsLog();
    using tls = await openTls(
      {
        ...settings,
        certificateFile: join(path, 'mount/cert.pem'),
        certificateKeyFile: join(path, 'mount/key.pem'),
      },
      log,
    );
    const { cert } = tls.client('x');
    generation('..2', ca.issue('second'));
    swap('..2');
    await vi.waitFor(
      async () => {
        await vi.advanceTimersByTimeAsync(LOOK_MS);
        expect(lines).toHaveLength(1);
      },
      { timeout: 30_000, interval: 5 },
    );
    expect(lines[0]).toMatchObject({ level: 'info', fields: { certificate: { subject: 'CN=second' } } });
    expect(tls.client('x').cert).not.toEqual(cert);
  });
});

describe('what is refused: what was there stays, and that is said once', () => {
  const renewed = ca.issue('renewed');
  const crl = ca.crl([], { thisUpdate: hoursFromNow(-1) });
  const half = (content: Buffer, size = content.length / 2) => content.subarray(0, size);
  type System = Awaited<ReturnType<typeof secured>>;

  test.each<[what: string, change: (system: System) => void, setting: string, text: string]>([
    [
      'a certificate without its key',
      ({ folder }) => folder.put('certificate', renewed.cert),
      'certificateKeyFile',
      'not the key',
    ],
    [
      'half a certificate',
      ({ folder }) => folder.put('certificate', half(renewed.cert)),
      'certificateFile',
      'inside a PEM block',
    ],
    [
      'half a key',
      ({ folder }) => folder.put('key', half(renewed.key)),
      'certificateKeyFile',
      'no whole private key',
    ],
    [
      'a bundle that is cut off in its second certificate',
      ({ folder }) => folder.put('ca', Buffer.concat([ca.cert, half(otherCa.cert)])),
      'trustedCaFiles',
      'inside a PEM block',
    ],
    [
      'a bundle that is cut off in the first line of its second',
      ({ folder }) => folder.put('ca', Buffer.concat([ca.cert, half(otherCa.cert, 12)])),
      'trustedCaFiles',
      'inside a PEM block',
    ],
    [
      'a bundle of nothing',
      ({ folder }) => folder.put('ca', Buffer.alloc(0)),
      'trustedCaFiles',
      'no certificate',
    ],
    [
      'a list that is cut off',
      ({ folder }) => folder.put('crl', half(crl)),
      'crlFiles',
      'inside a PEM block',
    ],
    [
      'a list that is missing',
      ({ folder }) => rmSync(join(folder.path, 'crl.pem')),
      'crlFiles',
      'is not there',
    ],
    [
      'a list that is older',
      ({ folder }) => folder.put('crl', ca.crl([], { thisUpdate: hoursFromNow(-2) })),
      'crlFiles',
      'older than the one in use',
    ],
    [
      'a list from the future',
      ({ folder }) => folder.put('crl', ca.crl([], { thisUpdate: hoursFromNow(2) })),
      'crlFiles',
      'from the future',
    ],
    [
      'a list that its CA has not signed',
      ({ folder }) => folder.put('crl', createCa('Test CA').crl()),
      'crlFiles',
      'has not signed',
    ],
    [
      'a certificate that expired',
      ({ folder }) => folder.identity(ca.issue('late', { notAfter: hoursFromNow(-0.5) })),
      'certificateFile',
      'expired',
    ],
    [
      'a chain in the wrong order',
      ({ folder }) => {
        const below = ca.below('Intermediate CA');
        const { cert, key } = below.issue('x', { alone: true });
        folder.identity({ cert: Buffer.concat([below.cert, cert]), key, serial: 0 });
      },
      'certificateFile',
      'is not the CA of the one before it',
    ],
  ])('%s', async (_, change, setting, text) => {
    await using system = await secured({ crl });
    change(system);
    await system.until(STAYS);
    await system.rest();
    expect(system.said(STAYS)).toMatchObject([
      { level: 'error', fields: { err: { details: { [setting]: expect.stringContaining(text) } } } },
    ]);
    const open = await system.connect(pipeline);
    expect(nameShown(open)).toBe('crypto-server');
    // And what is right again is taken.
    system.folder.identity(renewed);
    system.folder.put('ca', ca.cert);
    system.folder.put('crl', ca.crl());
    await system.until(USED);
    const next = await system.connect(pipeline);
    expect(nameShown(next)).toBe('renewed');
    await ask(open);
    for (const socket of [open, next]) socket.destroy();
  });

  test('what is being written is not read before it has come to rest', async () => {
    await using system = await secured();
    const file = join(system.folder.path, 'cert.pem');
    for (let size = 100; size < renewed.cert.length; size += 100) {
      writeFileSync(file, renewed.cert.subarray(0, size));
      await vi.advanceTimersByTimeAsync(LOOK_MS);
      await new Promise((resolve) => void setTimeout(resolve, 20));
    }
    system.folder.identity(renewed);
    await system.until(USED);
    expect(system.said(STAYS)).toEqual([]);
  });
});

describe('as time passes', () => {
  test('a certificate that ends, or a list that runs out, refuses its peers; what was to come is said before', async () => {
    const retired: TLSSocket[] = [];
    await using system = await secured({
      crl: ca.crl([], { nextUpdate: hoursFromNow(9) }),
      guard: { retire: (socket) => void retired.push(socket) },
    });
    const brief = await system.connect(ca.issue('brief', { notAfter: hoursFromNow(2) }));
    const long = await system.connect(pipeline);
    expect(system.lines).toEqual([]);
    system.pass(3 * 3_600_000);
    await vi.advanceTimersByTimeAsync(60_000);
    expect(retired).toEqual([system.listening.admitted[0]]);
    system.pass(4 * 3_600_000);
    await vi.advanceTimersByTimeAsync(120_000);
    const notices = () => system.lines.filter(({ message }) => message.startsWith('a revocation list'));
    expect(notices()).toMatchObject([{ level: 'warn', fields: { daysLeft: 0 } }]);
    system.pass(3 * 3_600_000);
    await vi.advanceTimersByTimeAsync(60_000);
    expect(retired).toHaveLength(2);
    await expect(system.connect(pipeline)).rejects.toThrow();
    expect(system.said('a peer was refused').at(-1)).toMatchObject({ fields: { problem: 'crl-expired' } });
    system.pass(22 * 3_600_000);
    await vi.advanceTimersByTimeAsync(60_000);
    expect(notices().map(({ level }) => level)).toEqual(['warn', 'error']);
    for (const socket of [brief, long]) socket.destroy();
  });

  test('who is revoked is cut off, also when nobody renewed the certificate of this process', async () => {
    await using system = await secured({ crl: ca.crl() });
    system.folder.identity(ca.issue('ending', { notAfter: hoursFromNow(2) }));
    await system.until(USED);
    const bad = await system.connect(pipeline);
    const closed = closing(bad);
    system.pass(3 * 3_600_000);
    system.folder.put('crl', ca.crl([pipeline]));
    await system.until('a peer was cut off');
    await closed;
    expect(system.said(STAYS)).toEqual([]);
  });

  test('a certificate that is not valid yet is taken when it is', async () => {
    await using system = await secured();
    system.folder.identity(ca.issue('soon', { notBefore: hoursFromNow(1) }));
    await system.until(STAYS);
    await vi.advanceTimersByTimeAsync(60_000);
    await system.rest();
    system.pass(2 * 3_600_000);
    await vi.advanceTimersByTimeAsync(60_000);
    await system.until(USED);
    expect(system.said(STAYS)).toHaveLength(1);
  });

  test('that the certificate of this process ends is said once a day, from a month before', async () => {
    await using system = await secured();
    const day = 24 * 3_600_000;
    const notices = () => system.lines.map(({ level, fields }) => [level, fields.daysLeft]);
    for (const days of [330, 6, 0, 1, 28]) {
      system.pass(days * day);
      await vi.advanceTimersByTimeAsync(120_000);
    }
    expect(notices()).toEqual([
      ['warn', 28],
      ['warn', 27],
      ['error', -1],
    ]);
    expect(system.lines[0]?.fields).toMatchObject({ certificate: { subject: 'CN=crypto-server' } });
  });

  test('nothing is watched any more when it is disposed', async () => {
    await using folder = await tlsFolder(ca, own);
    const tls = await openTls(folder.settings, noteTlsLog().log);
    expect(vi.getTimerCount()).toBe(2);
    tls[Symbol.dispose]();
    expect(vi.getTimerCount()).toBe(0);
  });
});
