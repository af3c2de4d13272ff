import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join, relative, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { announceCurrentSystem, findCurrentSystem } from '@sealtrack/cli/current-system';
import { ProfileServiceDefinition } from '@sealtrack/contracts/gen/sealtrack/profiles/v1/profiles';
import { RecordingServiceDefinition } from '@sealtrack/contracts/gen/sealtrack/recordings/v1/recordings';
import { AppError, hasCode } from '@sealtrack/errors/app-error';
import { connectRpc } from '@sealtrack/rpc/client';
import { PLAINTEXT } from '@sealtrack/tls/tls';
import { askedConnections } from './connections.ts';
import { describeFailure } from './describe-failure.ts';
import { generateCallWav } from './generate-call.ts';
import { chooseFolder } from './start/choose-folder.ts';
import { commandsToTry } from './start/commands-to-try.ts';
import { addDemoRecordings, findDemoKey } from './start/demo-recordings.ts';
import { describeSystem } from './start/describe-system.ts';
import { playUrl } from './start/play-url.ts';
import { type Ended, untilServerEnds } from './start/until-ended.ts';
import { listenForStop } from './stop-signal.ts';
import { type System, startSystem } from './system.ts';
import { WORKSPACE } from './workspace.ts';

const USAGE = `Usage: npm start [-- --data DIR] [--empty]

Runs NATS, Redis and all services until Ctrl-C. What was stored is there again at the next start.

  --data DIR  where data, keys and logs are kept (default: .data/start)
  --empty     do not begin with demo recordings

Example:
  $ npm start
`;
const TENANT = 'demo';

const say = (text: string): void => void process.stdout.write(`${text}\n`);

interface Options {
  readonly data?: string | undefined;
  readonly empty?: boolean | undefined;
  readonly help?: boolean | undefined;
}

function parseOptions(args: readonly string[]): Options {
  try {
    const flag = { type: 'boolean' } as const;
    return parseArgs({ args: [...args], options: { data: { type: 'string' }, empty: flag, help: flag } })
      .values;
  } catch (cause) {
    const message = cause instanceof Error ? (cause.message.split('. ')[0] ?? '') : 'An option is malformed';
    throw new AppError('INVALID_ARGUMENT', message, { fix: 'See npm start -- --help', cause });
  }
}

function pickFolder(data: string | undefined): string {
  if (data !== undefined) return resolve(process.env.INIT_CWD ?? process.cwd(), data);
  const { dir, heldBy } = chooseFolder(WORKSPACE);
  if (heldBy !== undefined)
    say(`Process ${heldBy} runs a system in .data/start already; this one uses ${relative(WORKSPACE, dir)}.`);
  return dir;
}

/** Resolves to the exit code. */
async function main(): Promise<number> {
  const stop = listenForStop();
  const { data, empty = false, help } = parseOptions(process.argv.slice(2));
  if (help === true) {
    say(USAGE.trimEnd());
    return 0;
  }
  const asked = askedConnections(process.env);
  if (asked.transport === PLAINTEXT)
    process.stderr.write(
      'warning: SEALTRACK_TLS=off: everybody on the way can read and change every connection\n',
    );
  const dir = pickFolder(data);
  say('Starting NATS, Redis and the services …');
  const ended = Promise.withResolvers<Ended | undefined>();
  stop.signal.addEventListener('abort', () => ended.resolve(undefined));
  try {
    await using system = await startSystem({
      ...{ ...asked, dir, withConsole: true, log: sayBuilding },
      // Another system that runs is what commands would find, and not this one.
      env: { console: { SEALTRACK_LOCAL_SYSTEM: isAnnounced(WORKSPACE) ? 'off' : 'on' } },
      signal: stop.signal,
      onUnexpectedExit: (name: string) => ended.resolve({ name, logFile: join(dir, 'logs', `${name}.log`) }),
    });
    if (!empty && (await addDemoRecordings(system, { tenantId: TENANT, dir, signal: stop.signal })))
      say('Put some demo recordings in, which --empty would not have done.');
    return await keepUp(system, dir, stop.signal, ended);
  } catch (error) {
    // Asked to stop while it was still starting: what had started has been stopped.
    if (stop.signal.aborted) return 0;
    throw error;
  }
}

/** Of the lines about the start, the one that says why it takes longer than usual. */
function sayBuilding(line: string): void {
  if (line.startsWith('building')) say(`${line.charAt(0).toUpperCase()}${line.slice(1)}`);
}

const isAnnounced = (workspace: string): boolean =>
  findCurrentSystem(workspace, workspace).found !== undefined;

async function keepUp(
  system: System,
  dir: string,
  signal: AbortSignal,
  ended: PromiseWithResolvers<Ended | undefined>,
): Promise<number> {
  const { addresses, natsUrl, connections } = system;
  const current = {
    pid: process.pid,
    startedAt: new Date().toISOString(),
    natsUrl,
    addresses: { ...addresses },
    tls: connections.commandFiles(),
  };
  const withdraw = announceCurrentSystem(current, WORKSPACE);
  try {
    await welcome(system, dir, withdraw === undefined, signal);
    void untilServerEnds(system, dir, signal).then(ended.resolve);
    const gone = await ended.promise;
    if (gone === undefined) {
      say('\nStopping: what is in flight is finished first …');
      return 0;
    }
    process.stderr.write(
      `error: ${gone.name} has ended by itself, so everything is stopped\nfix: Read the end of its log: ${gone.logFile}\n`,
    );
    return 1;
  } finally {
    withdraw?.();
  }
}

async function welcome(system: System, dir: string, isHidden: boolean, signal: AbortSignal): Promise<void> {
  const sample = join(dir, 'sample', 'call.wav');
  await mkdir(join(dir, 'sample'), { recursive: true });
  await writeFile(sample, generateCallWav(60));
  const readyProfile = await findReadyProfile(system, signal);
  const demoKey = await findDemoKey(dir, readyProfile);
  const now = new Date().toISOString().slice(0, 19).replace(/[-:]/g, '').replace('T', '-');
  const commands = commandsToTry({
    ...{ system, isHidden, readyProfile },
    readyKey: demoKey === undefined ? undefined : fromHere(demoKey),
    tls: system.connections.commandFiles(),
    sample: fromHere(sample),
    ticketKey: fromHere(system.ticketIssuer.keyFile),
    recordingId: readyProfile === undefined ? 'call-1' : `call-${now}`,
  });
  say(`Sealtrack is up. Ctrl-C stops it; its data is kept.\n\n${describeSystem(system, dir)}\n`);
  await sayConsole(system);
  say('Try, in another terminal in this folder:\n');
  for (const command of commands) say(`  ${command}`);
  const url = await findPlayable(system, signal);
  if (url !== undefined) {
    const isTls = system.connections.filesOf('playback') !== undefined;
    const warning = isTls ? ', which warns of the certificate, since it is of a CA of this system' : '';
    say(`\nOr listen, in a browser${warning}. For an hour:\n\n  ${url}`);
  }
  say('');
}

/** Where people sign in, and until somebody can, how. */
async function sayConsole({ console: people, connections }: System): Promise<void> {
  if (people === undefined) return;
  const link = await readFile(people.setupLinkFile, 'utf8').catch(() => undefined);
  const warning =
    connections.filesOf('console') === undefined
      ? ''
      : ' The browser warns of the certificate, since it is of a CA of this system.';
  say(
    link === undefined
      ? `The console is at ${people.url}.${warning}\n`
      : `The console is for people with an account; the first one is made with this link, which works once.${warning}\n\n  ${link.trim()}\n`,
  );
}

const fromHere = (path: string): string => (path.startsWith(WORKSPACE) ? relative(WORKSPACE, path) : path);

const HOUR_SECONDS = 3_600;

/** The address of a recording that an earlier run has left, with a ticket. */
async function findPlayable(system: System, signal: AbortSignal): Promise<string | undefined> {
  const transport = await system.connections.transportOf('administrator');
  await using client = connectRpc(RecordingServiceDefinition, system.addresses.recordings, { transport });
  const { recordings } = await client.listRecordings({ tenantId: TENANT }, { signal });
  const [found] = recordings.flatMap(({ recordingId, media }) =>
    media
      .filter(({ contentType }) => contentType.startsWith('audio/'))
      .map(({ mediaId }) => ({ recordingId, mediaId })),
  );
  if (found === undefined) return undefined;
  const { recordingId, mediaId } = found;
  return await playUrl(system, { tenantId: TENANT, recordingId, mediaId, lifetimeSeconds: HOUR_SECONDS });
}

/** A profile with a certificate, if an earlier run has left one. */
async function findReadyProfile(
  { addresses, connections }: System,
  signal: AbortSignal,
): Promise<string | undefined> {
  const transport = await connections.transportOf('administrator');
  await using client = connectRpc(ProfileServiceDefinition, addresses.profiles, { transport });
  const { profiles } = await client.listProfiles({ tenantId: TENANT }, { signal });
  return profiles.find(({ certificates }) => certificates.length > 0)?.profileId;
}

try {
  process.exitCode = await main();
  if (process.exitCode === 0) say('Stopped.');
} catch (error) {
  process.stderr.write(describeFailure(error));
  process.exitCode = hasCode(error, 'INVALID_ARGUMENT') ? 2 : 1;
}
