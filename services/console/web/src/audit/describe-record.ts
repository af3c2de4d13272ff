import type { AuditRecord } from '../../../src/api/audit.ts';
import { formatBytes, formatCount } from '../amounts.ts';
import { type Fields, fieldsOf } from '../fields.ts';
import { plural } from '../plural.ts';
import { describeAccount } from './describe-account.ts';
import type { Piece } from './piece.ts';

/** What a record says, as a sentence without its full stop. */
export function describeRecord({ action, body }: Pick<AuditRecord, 'action' | 'body'>): readonly Piece[] {
  const fields = fieldsOf(body);
  const describe = Object.hasOwn(SENTENCES, action) ? SENTENCES[action] : undefined;
  return (describe?.(fields) ?? [action.replaceAll('-', ' ')]).filter((piece) => piece !== '');
}

const SENTENCES: Readonly<Record<string, (fields: Fields) => Piece[]>> = {
  'media-decrypt': (fields) => [...who(fields), ...opened(fields), ...extent(fields), ...purpose(fields)],
  'media-decrypt-ended': (fields) => [
    fields.text('failedCheck') === '' ? 'Reading ' : 'Decrypting ',
    ...media(fields),
    ' by ',
    ...who(fields),
    ` ${ENDED[fields.text('outcome')] ?? 'ended'}`,
    ...(fields.text('code') === '' ? [] : [`: ${fields.text('code')}`]),
    ...failedCheck(fields),
    ` after ${formatBytes(fields.number('bytes'))}`,
  ],
  'media-decrypt-failed': (fields) => [
    ...media(fields),
    ' could not be decrypted for ',
    ...who(fields),
    ...failedCheck(fields),
  ],
  'media-export': (fields) => [
    ...who(fields),
    ' exported ',
    ...media(fields),
    ' as PKCS#7, still encrypted',
    ...purpose(fields),
  ],
  'media-rewrap': (fields) => [
    ...who(fields),
    ' had ',
    ...recordings(fields),
    ' sealed to other certificates',
  ],
  'keys-unwrap': (fields) => [
    ...who(fields),
    ' was handed the session keys of ',
    ...recordings(fields),
    ...purpose(fields),
  ],
  'key-hand-over': (fields) => [
    { person: fields.text('server') || 'another crypto server' },
    ' was handed the session key of ',
    ...media(fields),
    ' for ',
    ...who(fields),
    ...purpose(fields),
  ],
  'access-denied': (fields) => [
    ...who(fields),
    ` was refused ${fields.text('action') || 'something'}`,
    ...(fields.text('recordingId') === '' ? [] : [' of ', ...media(fields)]),
    ...(fields.text('code') === '' ? [] : [`: ${fields.text('code')}`]),
  ],
  'certificate-deletion': (fields) => [
    ...who(fields),
    ` ${DELETION[fields.text('action')] ?? `did ${fields.text('action')} in the deletion of`} certificate `,
    { certificate: fields.text('certificateId') },
    `, which ${plural(fields.number('recordings'), 'recording')} ${fields.number('recordings') === 1 ? 'is' : 'are'} encrypted to`,
    ...(fields.list('approvers').length === 0
      ? []
      : [`; approved by ${fields.list('approvers').join(', ')}`]),
  ],
  'keys-backup': (fields) => [
    ...who(fields),
    fields.text('action') === 'restored' ? ' restored a backup of ' : ' took a backup of ',
    plural(fields.number('certificates'), 'certificate'),
  ],
  account: describeAccount,
  'chain-opened': (fields) => [`A server began the chain ${short(fields.text('chain'))} of records`],
  checkpoint: (fields) => [
    `A server vouches for the first ${formatCount(fields.number('sequence'))} records of chain ${short(fields.text('chain'))}`,
    fields.flag('closing') ? ', which ends with them' : '',
  ],
};

const opened = (fields: Fields): Piece[] => {
  if (fields.text('action') === 'waveform') return [' was shown the waveform of ', ...media(fields)];
  return [fields.text('action') === 'export' ? ' downloaded ' : ' played ', ...media(fields)];
};

const ENDED: Readonly<Record<string, string>> = {
  complete: 'was complete',
  cancelled: 'was broken off',
  failed: 'failed',
};

const DELETION: Readonly<Record<string, string>> = {
  requested: 'asked for the deletion of',
  approved: 'had the deletion approved of',
  deleted: 'deleted',
  restored: 'restored',
  purged: 'removed for good',
};

/** A person, and through what he asked; else the names of a certificate, or an address. */
function who(fields: Fields): Piece[] {
  const [caller = '', user = ''] = [fields.text('caller'), fields.text('user')];
  const [names = '', via = ''] = caller.split(' via ');
  const named = /(?:^| )user:(\S+)/.exec(names)?.[1] ?? '';
  const person = user || named;
  if (person === '') return [{ person: caller || 'Somebody' }];
  // On a ticket the caller is the player, which is another than its user.
  const through = via || (named === '' ? caller : '');
  return through === '' ? [{ person }] : [{ person }, ` (through ${through})`];
}

const media = (fields: Fields): Piece[] => [
  `${fields.text('mediaId') || 'main'} of `,
  { recording: fields.text('recordingId') },
];

/** The bytes of it, where they are not all shown anyhow. */
function extent(fields: Fields): Piece[] {
  const [offset, length] = [fields.number('offset'), fields.number('length')];
  if (fields.text('action') === 'waveform' || length === 0) return [];
  return [`, bytes ${formatCount(offset)} to ${formatCount(offset + length - 1)}`];
}

const purpose = (fields: Fields): Piece[] =>
  ['', 'console'].includes(fields.text('purpose')) ? [] : [` (“${fields.text('purpose')}”)`];

const failedCheck = (fields: Fields): Piece[] => {
  const check = fields.text('failedCheck');
  if (check === '') return [];
  return [`: ${check} was wrong${fields.has('segment') ? ` in segment ${fields.number('segment')}` : ''}`];
};

const MOST_NAMED = 3;

function recordings(fields: Fields): Piece[] {
  const ids = [...new Set(fields.objects('keys').map((key) => key.text('recordingId')))];
  const named = ids
    .slice(0, MOST_NAMED)
    .flatMap((recording, i) => [...(i === 0 ? [] : [', ']), { recording }]);
  if (ids.length === 0) return ['recordings'];
  return ids.length > MOST_NAMED ? [...named, ` and ${ids.length - MOST_NAMED} more`] : named;
}

const short = (chain: string): string => chain.slice(0, 8);
