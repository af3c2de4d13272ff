/** Files that change under a server that is at work. */
import { once } from 'node:events';
import { connect as connectHttp2 } from 'node:http2';
import type { TLSSocket } from 'node:tls';
import { DecryptionServiceDefinition } from '@sealtrack/contracts/gen/sealtrack/decryption/v1/decryption';
import { IngestServiceDefinition } from '@sealtrack/contracts/gen/sealtrack/ingest/v1/ingest';
import { RecordingServiceDefinition } from '@sealtrack/contracts/gen/sealtrack/recordings/v1/recordings';
import { temporaryFolder } from '@sealtrack/testkit/temporary-folder';
import { openTls } from '@sealtrack/tls/open-tls';
import type { Tls } from '@sealtrack/tls/tls';
import { expect, test } from 'vitest';
import { connectRpc } from './client.ts';
import { startRpcServer } from './server.ts';
import { replaceFile, type TestCa, testCa } from './testing/certificates.ts';
import { OPEN_TO_ALL } from './testing/open-to-all.ts';
import {
  CHUNK,
  collectingLog,
  decryption,
  gate,
  ingest,
  part,
  range,
  recordings,
  sizeOf,
} from './testing.ts';

const request = { tenantId: 'demo', recordingId: 'r1' };
const PARTS = 8;
const WAIT = { timeout: 15_000 };

/** A server whose uploads and downloads stop half-way until the test lets them go on, and files to change under it. */
async function world() {
  const stack = new AsyncDisposableStack();
  const folder = stack.use(await temporaryFolder());
  const ca = await testCa(folder.path);
  const partner = await testCa(folder.path, 'Partner CA');
  const bundle = `${folder.path}/trusted_ca.pem`;
  const trust = (...cas: readonly TestCa[]) =>
    replaceFile(bundle, Buffer.concat(cas.map(({ ca: { cert } }) => cert)));
  await trust(ca);
  const files = { trustedCaFiles: [bundle], crlFiles: [ca.crlFile, partner.crlFile] };
  const issueOwn = () => ca.issueTo('crypto-server', {}, files);
  const log = collectingLog();
  const own = stack.use(await openTls(await issueOwn(), log));
  const goOn = gate();
  const server = stack.use(
    await startRpcServer({
      access: OPEN_TO_ALL,
      transport: own,
      listen: '127.0.0.1:0',
      log,
      services: [
        recordings(async () => ({})),
        ingest(async (parts) => {
          let size = 0;
          for await (const message of parts) size += sizeOf(message);
          return size;
        }),
        decryption(async function* () {
          yield* Array.from({ length: PARTS / 2 }, () => part());
          await goOn.promise;
          yield* Array.from({ length: PARTS / 2 }, () => part());
        }),
      ],
    }),
  );

  const open = async (from: TestCa, party: string): Promise<Tls> => {
    const settings = await from.issueTo(party, {}, { trustedCaFiles: [ca.rootFile] });
    return stack.use(await openTls(settings, collectingLog()));
  };

  /** A client in the middle of an upload and a download, whose sizes are what `read` and `written` end with. */
  const client = async (transport: Tls) => {
    const downloads = stack.use(connectRpc(DecryptionServiceDefinition, server.address, { transport }));
    const uploads = stack.use(connectRpc(IngestServiceDefinition, server.address, { transport }));
    const calls = stack.use(connectRpc(RecordingServiceDefinition, server.address, { transport }));
    const [reading, writing] = [gate(), gate()];
    const download = async () => {
      let size = 0;
      for await (const message of downloads.decryptMedia(range(0n))) {
        size += sizeOf(message);
        reading.resolve();
      }
      return size;
    };
    async function* source() {
      yield* Array.from({ length: PARTS / 2 }, () => part());
      writing.resolve();
      await goOn.promise;
      yield* Array.from({ length: PARTS / 2 }, () => part());
    }
    const upload = async () => Number((await uploads.putRecording(source())).receipt?.plaintextSize);
    const streams = Promise.allSettled([download(), upload()]);
    await Promise.all([reading.promise, writing.promise]);
    /** What a call of now comes to, over a new connection where it needs one. */
    const outcome = () => calls.getRecording(request).then(() => 'answered', String);
    return { streams, outcome };
  };

  /** The serial number of the certificate that a new connection is shown, and whether it is let in. */
  const knock = async (transport: Tls) => {
    const session = connectHttp2(`https://${server.address}`, transport.client('127.0.0.1'));
    session.on('error', () => {});
    const end = await Promise.race([
      once(session, 'remoteSettings').then(() => 'in'),
      once(session, 'close').then(() => 'out'),
    ]);
    const shown = end === 'in' ? (session.socket as TLSSocket).getPeerCertificate().serialNumber : '';
    session.destroy();
    return end === 'in' ? `in by ${Number.parseInt(shown, 16)}` : end;
  };
  const dispose = () => {
    goOn.resolve();
    return stack.disposeAsync();
  };
  return {
    ca,
    partner,
    trust,
    issueOwn,
    goOn: goOn.resolve,
    client,
    open,
    knock,
    [Symbol.asyncDispose]: dispose,
  };
}

const whole = { status: 'fulfilled', value: PARTS * CHUNK.length };

test('certificate, key, CAs and CRL change under an upload and a download, which both end well', async () => {
  await using w = await world();
  const pipeline = await w.open(w.ca, 'pipeline');
  const partner = await w.open(w.partner, 'partner');
  const { streams, outcome } = await w.client(pipeline);
  expect(await w.knock(partner)).toBe('out');

  await w.ca.issueTo('somebody');
  await w.issueOwn();
  await w.trust(w.ca, w.partner);
  await w.ca.revoke('somebody');
  await expect.poll(() => w.knock(pipeline), WAIT).toBe(`in by ${w.ca.identityOf('crypto-server').serial}`);
  await expect.poll(() => w.knock(partner), WAIT).toBe(`in by ${w.ca.identityOf('crypto-server').serial}`);

  w.goOn();
  expect(await streams).toEqual([whole, whole]);
  expect(await outcome()).toBe('answered');
});

test('a revoked client is cut off in the middle of its streams and stays out; others are not touched', async () => {
  await using w = await world();
  const thief = await w.client(await w.open(w.ca, 'thief'));
  const pipeline = await w.client(await w.open(w.ca, 'pipeline'));
  await w.ca.revoke('thief');
  const cut = { status: 'rejected', reason: expect.objectContaining({ code: 'SERVICE_UNAVAILABLE' }) };
  expect(await thief.streams).toEqual([cut, cut]);
  expect(await thief.outcome()).toContain('refuses the certificate of this process');
  w.goOn();
  expect(await pipeline.streams).toEqual([whole, whole]);
});

test('a client whose CA is not trusted any more ends its streams, and has no other call', async () => {
  await using w = await world();
  await w.trust(w.ca, w.partner);
  const transport = await w.open(w.partner, 'partner');
  await expect.poll(() => w.knock(transport), WAIT).toMatch('in');
  const partner = await w.client(transport);
  await w.trust(w.ca);
  await expect.poll(partner.outcome, WAIT).toContain('refuses the certificate of this process');
  w.goOn();
  expect(await partner.streams).toEqual([whole, whole]);
});
