import type {
  GetScreenSettingsRequest,
  GetScreenSettingsResponse,
} from '@sealtrack/contracts/gen/sealtrack/profiles/v1/profiles';
import { parseTenantId } from '@sealtrack/ids/parse';
import type { ScreenSettingsStore } from './ports.ts';

/** ProfileService.GetScreenSettings. */
export function createGetScreenSettings(screenSettings: Pick<ScreenSettingsStore, 'find'>) {
  return async (request: GetScreenSettingsRequest): Promise<GetScreenSettingsResponse> => ({
    settings: await screenSettings.find(parseTenantId(request.tenantId)),
  });
}
