import type {
  ImportedSettings,
  ImportGenesysSettingsRequest,
  ImportGenesysSettingsResponse,
} from '@sealtrack/contracts/gen/sealtrack/profiles/v1/profiles';
import { parseTenantId } from '@sealtrack/ids/parse';
import { parseGenesysSettings } from './domain/genesys-settings.ts';
import { createFindGenesysCertificates } from './find-genesys-certificates.ts';
import type { ImportCalls } from './genesys-import.ts';
import { importProfile } from './import-genesys-profile.ts';
import { importScreen } from './import-genesys-screen.ts';
import type { CertificateDirectory, CertificateFinder } from './ports.ts';

/**
 * ProfileService.ImportGenesysSettings, by the calls that people make. One profile that is refused keeps no other from
 * being imported. What failed half-way, because something could not be reached, is finished by the same import again.
 */
export function createImportGenesysSettings(
  calls: ImportCalls,
  directory: CertificateDirectory,
  finder: CertificateFinder,
) {
  return async (request: ImportGenesysSettingsRequest): Promise<ImportGenesysSettingsResponse> => {
    const tenantId = parseTenantId(request.tenantId);
    const { profiles, screen } = parseGenesysSettings(request.document);
    const { dryRun } = request;
    const find = createFindGenesysCertificates(finder);
    const run = { tenantId, dryRun, calls, directory, find };
    const imported: ImportedSettings[] = [];
    if (screen !== undefined) imported.push(await importScreen(run, screen));
    for (const profile of profiles) imported.push(await importProfile(run, profile));
    return { imported };
  };
}
