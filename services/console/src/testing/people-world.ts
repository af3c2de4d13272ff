import { OPEN_ACCESS } from '@sealtrack/access/access';
import { connectBus } from '@sealtrack/bus/connect';
import { ensureStreams } from '@sealtrack/bus/streams';
import { parseConfig } from '@sealtrack/service-kit/config';
import { noMetrics } from '@sealtrack/service-kit/metrics';
import { noteLines } from '@sealtrack/service-kit/testing/note-lines';
import { readTlsSettings } from '@sealtrack/service-kit/tls-settings';
import { PLAINTEXT } from '@sealtrack/tls/tls';
import { config } from '../config.ts';
import { start } from '../service.ts';

export interface PeopleServers {
  readonly redis: string;
  readonly nats: string;
}

/** The service as it is, over plain HTTP, with passwords that cost little. */
export interface PeopleConsole extends AsyncDisposable {
  /** http://127.0.0.1:port. */
  readonly url: string;
  readonly lines: ReturnType<typeof noteLines>['lines'];
  /** The token of the link that was printed for the first account. */
  setupToken(): string;
  /** For sessions and delays: what it says is added to the time. */
  readonly clock: { aheadMs: number };
}

const CHEAP = { logN: 4, r: 8, p: 1 };
const NOBODY = '127.0.0.1:1';

export async function startPeopleConsole(
  { redis, nats }: PeopleServers,
  variables: Readonly<Record<string, string>> = {},
): Promise<PeopleConsole> {
  const { log, lines } = noteLines();
  const clock = { aheadMs: 0 };
  const running = await start(
    parseConfig(config, {
      ...{ SEALTRACK_LISTEN: '127.0.0.1:0', SEALTRACK_REDIS_URL: redis, SEALTRACK_NATS_URL: nats },
      ...{ SEALTRACK_METADATA_ADDRESS: NOBODY, SEALTRACK_PROFILES_ADDRESS: NOBODY },
      ...{ SEALTRACK_CRYPTO_ADDRESSES: NOBODY, SEALTRACK_STATIC_DIR: import.meta.dirname },
      ...variables,
    }),
    {
      ...{ log, metrics: noMetrics, transport: PLAINTEXT, access: OPEN_ACCESS },
      signal: new AbortController().signal,
    },
    readTlsSettings({ SEALTRACK_TLS: 'off' }),
    { clock: () => Date.now() + clock.aheadMs, passwordCost: CHEAP, recordMs: 1_000 },
  );
  return {
    ...{ url: `http://${running.addresses.http}`, lines, clock },
    setupToken() {
      const links = lines.map(({ fields }) => fields.setupLink).filter((link) => typeof link === 'string');
      return tokenOf(links.at(-1) ?? '');
    },
    [Symbol.asyncDispose]: () => running[Symbol.asyncDispose](),
  };
}

export const tokenOf = (link: string): string => link.slice(link.indexOf('#') + 1);

/** The streams that crypto servers make. */
export async function makeStreams(nats: string): Promise<void> {
  await using bus = await connectBus({ transport: PLAINTEXT, url: nats, name: 'test' });
  await ensureStreams(bus);
}

export interface Answer {
  readonly status: number;
  readonly json: Readonly<Record<string, unknown>>;
  readonly headers: Headers;
}

/** Keeps cookies, and sends back what a session has given, as the pages do. */
export interface Browser {
  readonly cookies: Map<string, string>;
  csrfToken: string;
  /** @param path below /api/v1. */
  ask(
    method: string,
    path: string,
    body?: object,
    headers?: Readonly<Record<string, string>>,
  ): Promise<Answer>;
}

export function openBrowser({ url }: Pick<PeopleConsole, 'url'>): Browser {
  const cookies = new Map<string, string>();
  const browser: Browser = {
    ...{ cookies, csrfToken: '' },
    async ask(method, path, body, headers = {}) {
      const cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join('; ');
      const response = await fetch(`${url}/api/v1${path}`, {
        ...{ method, redirect: 'manual' },
        headers: {
          ...(cookie !== '' && { cookie }),
          ...(method !== 'GET' && { 'x-csrf-token': browser.csrfToken }),
          ...(body !== undefined && { 'content-type': 'application/json' }),
          ...headers,
        },
        ...(body !== undefined && { body: JSON.stringify(body) }),
      });
      for (const line of response.headers.getSetCookie()) keep(cookies, line);
      const text = await response.text();
      const json = text.startsWith('{') ? (JSON.parse(text) as Record<string, unknown>) : {};
      if (typeof json.csrfToken === 'string') browser.csrfToken = json.csrfToken;
      return { status: response.status, json, headers: response.headers };
    },
  };
  return browser;
}

function keep(cookies: Map<string, string>, line: string): void {
  const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
  if (value === '') cookies.delete(name);
  else cookies.set(name, value);
}
