import { AppError, hasCode } from '@sealtrack/errors/app-error';
import { describeFailure } from '@sealtrack/launcher/describe-failure';
import { listenForStop } from '@sealtrack/launcher/stop-signal';
import { benchCertificates } from './certificates/bench-certificates.ts';
import { benchConsole } from './console/bench-console.ts';
import { CONSOLE_USAGE, parseConsoleOptions } from './console/options.ts';
import { benchEnvelope } from './envelope/bench-envelope.ts';
import { ENVELOPE_USAGE, parseEnvelopeOptions } from './envelope/options.ts';
import { benchIngest } from './ingest/bench-ingest.ts';
import { benchPlayback } from './playback/bench-playback.ts';
import { PLAYBACK_USAGE, parsePlaybackOptions } from './playback/options.ts';
import { benchProfiles } from './profiles/bench-profiles.ts';
import { PROFILES_USAGE, parseProfilesOptions } from './profiles/options.ts';
import { type Measurement, printTable } from './report.ts';
import { benchTls } from './tls/bench-tls.ts';
import { parseTlsOptions, TLS_USAGE } from './tls/options.ts';
import { benchUnwrap } from './unwrap/bench-unwrap.ts';
import { parseUnwrapOptions, UNWRAP_USAGE } from './unwrap/options.ts';

const say = (line: string): void => console.error(line);

/** Undefined when help was wanted, and given. */
type Bench = (args: readonly string[]) => Promise<readonly Measurement[] | undefined>;

const stop = { exitCode: (): number | undefined => undefined };

const BENCHES: Readonly<Record<string, Bench>> = {
  ingest: () => benchIngest(say),
  certificates: () => benchCertificates(say),
  envelope: async (args) => {
    const options = parseEnvelopeOptions(args);
    if (options === undefined) {
      process.stdout.write(ENVELOPE_USAGE);
      return undefined;
    }
    const { signal, exitCode } = listenForStop();
    stop.exitCode = exitCode;
    return await benchEnvelope(options, say, signal);
  },
  console: async (args) => {
    const options = parseConsoleOptions(args);
    if (options !== undefined) return await benchConsole(options, say);
    process.stdout.write(CONSOLE_USAGE);
    return undefined;
  },
  playback: async (args) => {
    const options = parsePlaybackOptions(args);
    if (options !== undefined) return await benchPlayback(options, say);
    process.stdout.write(PLAYBACK_USAGE);
    return undefined;
  },
  profiles: async (args) => {
    const options = parseProfilesOptions(args);
    if (options !== undefined) return await benchProfiles(options, say);
    process.stdout.write(PROFILES_USAGE);
    return undefined;
  },
  tls: async (args) => {
    const options = parseTlsOptions(args);
    if (options !== undefined) return await benchTls(options, say);
    process.stdout.write(TLS_USAGE);
    return undefined;
  },
  unwrap: async (args) => {
    const options = parseUnwrapOptions(args);
    if (options !== undefined) return await benchUnwrap(options, say);
    process.stdout.write(UNWRAP_USAGE);
    return undefined;
  },
};

const [name = '', ...args] = process.argv.slice(2).filter((arg) => arg !== '--json');
const bench = Object.hasOwn(BENCHES, name) ? BENCHES[name] : undefined;
if (bench === undefined) {
  console.error(`usage: npm run bench -- <${Object.keys(BENCHES).join('|')}> [--json] [--help]`);
  process.exit(2);
}
try {
  const rows = (await bench(args)) ?? [];
  // A goal that is missed is a figure, not a failure: timing never decides a build.
  if (process.argv.includes('--json')) for (const row of rows) console.log(JSON.stringify(row));
  else if (rows.length > 0) printTable(rows);
  process.exit(0);
} catch (error) {
  const interrupted = stop.exitCode();
  if (interrupted === undefined) console.error(describeFailure(error));
  process.exit(interrupted ?? (error instanceof AppError && hasCode(error, 'INVALID_ARGUMENT') ? 2 : 1));
}
