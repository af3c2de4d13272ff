import { readFile } from 'node:fs/promises';
import { connect } from 'node:tls';
import { parseCrl } from '@sealtrack/certificates/x509/crl';
import { parseX509 } from '@sealtrack/certificates/x509/parse-x509';
import { readBundle } from '@sealtrack/certificates/x509/pem-bundle';
import { AppError } from '@sealtrack/errors/app-error';
import type { TlsValues } from '@sealtrack/service-kit/tls-settings';
import { PLAINTEXT } from '@sealtrack/tls/tls';
import { TARGETS, type Target } from '../addresses.ts';
import type { Context } from '../context.ts';
import { type Finding, ok, problem, warning } from './finding.ts';

const SERVICES = ['ingest', 'recordings', 'crypto', 'profiles'] as const;
const DAY_MS = 24 * 3_600_000;
/** As services say it in their logs: a month before, or in the last third of what does not last that long. */
const NOTICE_MS = 30 * DAY_MS;
const LOOK_MS = 5_000;

/** Something that connections end with. Milliseconds. */
interface Lasting {
  readonly what: string;
  readonly from: number;
  readonly to: number;
  readonly fix: string;
}

const RENEW = 'Put a new one in its place: sealtrack tls renew. For the system of npm start: start it again.';
const PUBLISH = 'Put the next one in its place, or every peer of its CA is refused: sealtrack tls crl.';

/** How connections are secured, and when what secures them ends: own files, and what each service shows. */
export async function checkConnections(context: Context): Promise<Finding[]> {
  const known = SERVICES.filter((service) => context.addresses.find(service) !== undefined);
  try {
    const settings = known.map((service) => context.connections.settingsOf(service));
    if (settings.length === 0) return [];
    if (settings.some(({ enabled }) => !enabled)) return [inPlaintext];
    const files = new Map(settings.map((each) => [each.certificate, each]));
    const own = await Promise.all([...files.values()].map(ownOf));
    const shown = await Promise.all(known.map((service) => shownBy(context, service)));
    return judge([...own.flat(), ...shown.flat()], Date.now());
  } catch (error) {
    if (error instanceof AppError) return [problem('connections', error.message, error.fix)];
    throw error;
  }
}

const inPlaintext = warning(
  'connections',
  'in PLAINTEXT: everybody on the way can read and change them',
  'Give the services certificates (sealtrack tls bootstrap), and unset SEALTRACK_TLS.',
);

function judge(all: readonly Lasting[], now: number): Finding[] {
  const due = all.filter(({ from, to }) => to - now < Math.min(NOTICE_MS, (to - from) / 3));
  if (due.length > 0)
    return due.map(({ what, to, fix }) =>
      to <= now
        ? problem('connections', `${what} has ended`, fix)
        : warning('connections', `${what} ends in ${daysUntil(to, now)} days`, fix),
    );
  const first = all.reduce((a, b) => (a.to <= b.to ? a : b), {
    what: '',
    from: 0,
    to: Number.POSITIVE_INFINITY,
    fix: '',
  });
  return [ok('connections', `mutual TLS; ${first.what} ends first, in ${daysUntil(first.to, now)} days`)];
}

const daysUntil = (to: number, now: number): number => Math.floor((to - now) / DAY_MS);

/** What cannot be read is the failure of whoever connects with it, which says why. */
async function ownOf({ certificate, trustedCa = [], crl = [] }: TlsValues): Promise<Lasting[]> {
  const certificates = async (file: string) => readBundle(await readFile(file), 'CERTIFICATE').map(parseX509);
  const crls = async (file: string) => readBundle(await readFile(file), 'X509 CRL').map(parseCrl);
  const [own] = certificate === undefined ? [] : await certificates(certificate).catch(() => []);
  const cas = (await Promise.all(trustedCa.map((file) => certificates(file).catch(() => [])))).flat();
  const lists = (await Promise.all(crl.map((file) => crls(file).catch(() => [])))).flat();
  return [
    ...(own ? [{ what: 'your certificate', from: own.notBefore, to: own.notAfter, fix: RENEW }] : []),
    ...cas.map(({ notBefore: from, notAfter: to }) => ({ what: 'a trusted CA', from, to, fix: RENEW })),
    ...lists.flatMap(({ thisUpdate: from, nextUpdate: to }) =>
      to === undefined ? [] : [{ what: 'a revocation list', from, to, fix: PUBLISH }],
    ),
  ];
}

/** Of the certificate that a service shows to whoever connects; nothing of one that cannot be reached. */
async function shownBy({ addresses, connections }: Context, service: Target): Promise<Lasting[]> {
  const transport = await connections.to(service);
  const address = addresses.of(service);
  if (transport === PLAINTEXT) return [];
  const colon = address.lastIndexOf(':');
  const host = address.slice(0, colon).replace(/^\[|\]$/g, '');
  const port = Number(address.slice(colon + 1));
  return new Promise((resolve) => {
    const socket = connect({
      ...transport.client(host),
      host,
      port,
      ALPNProtocols: ['h2'],
      timeout: LOOK_MS,
    });
    const finish = (found: Lasting[]): void => {
      socket.destroy();
      resolve(found);
    };
    socket.on('secureConnect', () => {
      const certificate = socket.getPeerX509Certificate();
      const [from, to] = [certificate?.validFromDate.getTime(), certificate?.validToDate.getTime()];
      if (from === undefined || to === undefined) return finish([]);
      finish([{ what: `the certificate of ${TARGETS[service].what}`, from, to, fix: RENEW }]);
    });
    socket.on('timeout', () => finish([]));
    socket.on('error', () => finish([]));
    socket.on('close', () => finish([]));
  });
}
