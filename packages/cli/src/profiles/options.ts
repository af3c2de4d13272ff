import { MEDIA_TYPES, POLICIES } from '@sealtrack/ids/media-types';
import { Option } from 'commander';

export const policyOption = (): Option =>
  new Option(
    '--policy <policy>',
    'what happens when no certificate can be used: required keeps recordings sealed, in quarantine; optional stores them in clear; off stores all of them in clear',
  ).choices(POLICIES);

export const mediaTypeOption = (): Option =>
  new Option('--media-type <type>', 'of which recordings; digital are e-mail, chat and messages')
    .choices(MEDIA_TYPES)
    .default('voice');

export const FROM = '--from <date>';
export const FROM_MEANS =
  'when the new one takes over, such as 2027-01-01 (UTC) or 2027-01-01T06:00:00+01:00; as soon as it is valid unless told';
