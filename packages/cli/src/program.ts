import { Command } from 'commander';
import { TARGETS } from './addresses.ts';
import type { Wire } from './command.ts';
import { wire } from './command.ts';
import { addAccess } from './commands/access.ts';
import { addApprovers } from './commands/approvers.ts';
import { addAudit } from './commands/audit.ts';
import { addBus } from './commands/bus.ts';
import { addCaptures } from './commands/captures.ts';
import { addCertificates } from './commands/certificates.ts';
import { addDoctor } from './commands/doctor.ts';
import { addEnvelope } from './commands/envelope.ts';
import { addEvents } from './commands/events.ts';
import { addKeys } from './commands/keys.ts';
import { addProfiles } from './commands/profiles.ts';
import { addRecordingsGet } from './commands/recordings-get.ts';
import { addRecordingsInspect } from './commands/recordings-inspect.ts';
import { addRecordingsList } from './commands/recordings-list.ts';
import { addRecordingsPut } from './commands/recordings-put.ts';
import { addRecordingsShow } from './commands/recordings-show.ts';
import { addRecordingsSplice } from './commands/recordings-splice.ts';
import { addRecordingsWaveform } from './commands/recordings-waveform.ts';
import { addScreenCertificates } from './commands/screen-certificates.ts';
import { addSeal } from './commands/seal.ts';
import { addTickets } from './commands/tickets.ts';
import { addTls } from './commands/tls.ts';
import { TLS_FILES } from './connections.ts';
import { DEFAULT_TENANT } from './context.ts';
import { EXIT_HELP } from './exit-codes.ts';
import type { Io } from './io.ts';
import { VERSION } from './version.ts';

const TOP_HELP = `
Addresses and certificates come from options, else from the environment, else from the system that \`npm start\` runs in this
workspace.

${EXIT_HELP}

Example:
  $ sealtrack recordings put call.wav --profile 101`;

/** The whole command line. Commands are added group by group, each from its own file. */
export function createProgram(io: Io): Command {
  const program = new Command('sealtrack')
    .description('Encrypts recordings, keeps their keys sealed, and plays them back.')
    .version(VERSION)
    .exitOverride()
    .configureHelp({ showGlobalOptions: true })
    .configureOutput({
      writeOut: (text) => io.stdout.write(text),
      writeErr: (text) => io.stderr.write(text),
      // Errors are said once, in one form, by run.ts.
      outputError: () => {},
    })
    .option('--tenant <id>', `whose recordings (env SEALTRACK_TENANT; default "${DEFAULT_TENANT}")`)
    .option('--json', 'one JSON object, or one a line for lists, instead of text')
    .option('--debug', 'with an error, show what caused it');
  for (const { flag, env, what } of Object.values(TARGETS))
    program.option(
      `${flag} <${flag.endsWith('url') ? 'url' : 'host:port'}>`,
      `where ${what} is (env ${env})`,
    );
  for (const { flag, env, means } of Object.values(TLS_FILES))
    program.option(`${flag} <file>`, `${means} (env ${env})`);
  program.option(
    '--no-tls',
    'connect in plaintext, which everybody on the way can read and change (env SEALTRACK_TLS=off)',
  );
  program.addHelpText('after', TOP_HELP);

  const wired: Wire = wire(io);
  addCertificates(program, wired);
  addApprovers(program, wired);
  addSeal(program, wired);
  addKeys(program, wired);
  addProfiles(program, wired);
  addScreenCertificates(program, wired);
  const recordings = program
    .command('recordings')
    .description('Recordings: put them in, list them, get them back.');
  addRecordingsPut(recordings, wired);
  addRecordingsList(recordings, wired);
  addRecordingsShow(recordings, wired);
  addRecordingsGet(recordings, wired);
  addRecordingsSplice(recordings, wired);
  addRecordingsInspect(recordings, wired);
  addRecordingsWaveform(recordings, wired);
  addAccess(program, wired);
  addAudit(program, wired);
  addEvents(program, wired);
  addCaptures(program, wired);
  addBus(program, wired);
  addDoctor(program, wired);
  addEnvelope(program, wired);
  addTickets(program, wired);
  addTls(program, wired);
  return program;
}
