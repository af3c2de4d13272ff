import { stat } from 'node:fs/promises';
import { relative, resolve } from 'node:path';
import { AppError } from '@sealtrack/errors/app-error';
import type { Command } from 'commander';
import { example, type Wire } from '../command.ts';
import type { Context } from '../context.ts';
import { type Finding, scrub } from '../envelope/scrub.ts';
import type { ScrubbedRecording } from '../envelope/scrub-recording.ts';
import { ProblemsFound } from '../exit-codes.ts';
import { printable } from '../output.ts';
import { formatBytes } from '../units.ts';

export function addEnvelopeScrub(group: Command, wire: Wire): void {
  group
    .command('scrub <path...>')
    .description(
      'Find rot on a disk without any key: compares size and checksum of every ciphertext with its manifest, and ' +
        'every manifest with its own checksum, if it has one; an edited manifest counts as damaged. Takes manifests, and folders such as a whole media store. Goes on after ' +
        'damage, and then ends with exit code 1. That nobody changed both on purpose only verify can tell.',
    )
    .addHelpText(
      'after',
      `\nA ciphertext that no manifest names is a warning: it is still being written, or an attempt was given up.\n${example(
        'sealtrack envelope scrub /srv/sealtrack/media',
        'sealtrack envelope scrub recording.json --json',
      )}`,
    )
    .action(wire(scrubPaths));
}

async function scrubPaths(context: Context, names: readonly string[]): Promise<void> {
  const paths = names.map((name) => resolve(context.io.cwd, name));
  for (const path of paths) await expectThere(path);
  const meter = context.meter('scrubbing');
  const summary = { recordings: 0, damaged: 0, problems: 0, warnings: 0, bytes: 0 };
  const options = { signal: context.signal, onBytes: (bytes: number) => meter.add(bytes) };
  try {
    for await (const finding of scrub(paths, options)) {
      count(summary, finding);
      // People read a line only for what is not as it should be.
      if (!context.out.json && isWell(finding)) continue;
      meter.clear();
      await context.out.result(toObject(finding), () => toLine(finding, context.io.cwd));
    }
  } finally {
    meter.clear();
  }
  await context.out.result({ summary }, () => describeSummary(summary));
  if (summary.damaged + summary.problems > 0) throw new ProblemsFound(summary.damaged + summary.problems);
}

type Summary = Record<'recordings' | 'damaged' | 'problems' | 'warnings' | 'bytes', number>;

function count(summary: Summary, finding: Finding): void {
  if (finding.kind === 'warning') summary.warnings += 1;
  if (finding.kind === 'problem') summary.problems += 1;
  if (finding.kind !== 'recording') return;
  summary.recordings += 1;
  summary.bytes += finding.recording.bytes;
  if (!finding.recording.ok) summary.damaged += 1;
}

const isWell = (finding: Finding): boolean => finding.kind === 'recording' && finding.recording.ok;

function toObject(finding: Finding): object {
  if (finding.kind === 'warning') return { file: finding.file, warning: finding.warning };
  if (finding.kind === 'problem') return { file: finding.file, ok: false, problem: finding.problem };
  const { ciphertexts: _, ...recording } = finding.recording;
  return recording;
}

function toLine(finding: Finding, cwd: string): string {
  if (finding.kind === 'warning')
    return printable(`warning: ${shorten(finding.file, cwd)} ${finding.warning}`);
  if (finding.kind === 'problem')
    return printable(`PROBLEM: ${shorten(finding.file, cwd)} ${finding.problem}`);
  return printable(`DAMAGED: ${describeDamage(finding.recording, cwd)}`);
}

function describeDamage({ manifest, recordingId, problems }: ScrubbedRecording, cwd: string): string {
  const what = recordingId === null ? shorten(manifest, cwd) : `${recordingId} in ${shorten(manifest, cwd)}`;
  const each = problems.map(({ mediaId, file, problem }) =>
    mediaId === null ? problem : `${mediaId}: ${shorten(file, cwd)} ${problem}`,
  );
  return `${what}: ${each.join('; ')}`;
}

/** As the user would type it. */
function shorten(path: string, cwd: string): string {
  const shorter = relative(cwd, path);
  return shorter === '' || shorter.startsWith('..') ? path : shorter;
}

const describeSummary = ({ recordings, damaged, problems, warnings, bytes }: Summary): string =>
  [
    `${recordings} ${recordings === 1 ? 'recording' : 'recordings'}, ${formatBytes(bytes)} of ciphertext read: ${damaged} damaged`,
    ...(problems > 0 ? [`${problems} other ${problems === 1 ? 'problem' : 'problems'}`] : []),
    ...(warnings > 0 ? [`${warnings} ${warnings === 1 ? 'warning' : 'warnings'}`] : []),
  ].join(', ') +
  (damaged + problems > 0
    ? '\nfix: restore what is damaged from a copy, and look into the disk it was on.'
    : '');

async function expectThere(path: string): Promise<void> {
  await stat(path).catch((cause: unknown) => {
    throw new AppError('INVALID_ARGUMENT', `${path} cannot be read`, {
      fix: 'Give manifests, or folders with recordings in them.',
      details: { file: path },
      cause,
    });
  });
}
