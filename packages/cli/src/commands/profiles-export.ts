import { resolve } from 'node:path';
import { parseProfileId } from '@sealtrack/ids/parse';
import type { Command } from 'commander';
import { example, type Wire } from '../command.ts';
import type { Context } from '../context.ts';
import { printable, write } from '../output.ts';
import { refuseExisting, writeOutputFile } from '../output-file.ts';
import { idsInParts, joined } from '../profiles/genesys-document.ts';
import { formatBytes } from '../units.ts';

// Certificates are public.
const PUBLIC = 0o644;
const PAGE = 500;
const DEADLINE_MS = 60_000;

export function addProfilesExport(group: Command, wire: Wire): void {
  group
    .command('export [id...]')
    .description(
      'Write profiles and screen settings as Genesys keeps them, to import them here or elsewhere: all of them, or ' +
        'those that are named.',
    )
    .option('--screen', "the tenant's settings for screen recordings, beside the profiles that are named")
    .option('--out <file>', 'where to, instead of standard output')
    .option('--force', 'replace a file that is there')
    .addHelpText(
      'after',
      example('sealtrack profiles export --out profiles.json', 'sealtrack profiles export 101 102 --screen'),
    )
    .action(wire(exportProfiles));
}

interface ExportOptions {
  readonly screen?: boolean;
  readonly out?: string;
  readonly force?: boolean;
}

async function exportProfiles(
  context: Context,
  named: readonly string[],
  options: ExportOptions,
): Promise<void> {
  const file = options.out === undefined ? undefined : resolve(context.io.cwd, options.out);
  const force = options.force === true;
  if (file !== undefined && !force) await refuseExisting(file);
  const isAll = named.length === 0 && options.screen !== true;
  const ids = isAll ? await listIds(context) : [...new Set(named.map(parseProfileId))];
  const document = `${await readDocument(context, ids, isAll || options.screen === true)}\n`;
  if (file === undefined) return write(context.io.stdout, document);
  const bytes = await writeOutputFile(file, once(document), { force, mode: PUBLIC });
  await context.out.result(
    { file, bytes, profiles: ids.length },
    () =>
      `Wrote ${ids.length === 1 ? '1 profile' : `${ids.length} profiles`} to ${printable(file)} (${formatBytes(bytes)})`,
  );
}

/** In parts: all profiles there are may be more than one message holds. */
async function readDocument(context: Context, ids: readonly string[], screen: boolean): Promise<string> {
  const client = await context.profiles();
  const options = { signal: context.signal, deadlineMs: DEADLINE_MS };
  const documents: string[] = [];
  const read = async (profileIds: string[], withScreen: boolean) => {
    const request = { tenantId: context.tenantId, profileIds, screen: withScreen };
    documents.push((await client.exportGenesysSettings(request, options)).document);
  };
  if (screen) await read([], true);
  for (const part of idsInParts(ids)) await read(part, false);
  return joined(documents);
}

async function listIds(context: Context): Promise<string[]> {
  const client = await context.profiles();
  const ids: string[] = [];
  for (let pageToken = ''; ; ) {
    const { profiles, nextPageToken } = await client.listProfiles(
      { tenantId: context.tenantId, pageSize: PAGE, pageToken },
      { signal: context.signal },
    );
    ids.push(...profiles.map(({ profileId }) => profileId));
    pageToken = nextPageToken;
    if (pageToken === '') return ids;
  }
}

async function* once(text: string): AsyncGenerator<Uint8Array> {
  yield Buffer.from(text);
}
