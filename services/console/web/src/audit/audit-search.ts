import { rangeAt, rangeFromUrl, rangeToUrl, type TimeRange } from '../time-range.ts';

/** What is looked for among audit records. All of it stands in the address of the page. */
export interface AuditSearch {
  readonly range: TimeRange;
  readonly action: string;
  readonly recording: string;
  readonly user: string;
  readonly caller: string;
  readonly certificate: string;
  /** Also records of no tenant, such as of accounts. */
  readonly all: boolean;
}

const TEXTS = ['action', 'recording', 'user', 'caller', 'certificate'] as const;

/** What records are of, for the field; `sealtrack audit search --action` takes "play" and others beside. */
export const AUDIT_ACTIONS = [
  ['media-decrypt', 'Played, downloaded, or waveform shown'],
  ['media-decrypt-ended', 'What became of that'],
  ['media-decrypt-failed', 'Could not be decrypted'],
  ['media-export', 'Exported as PKCS#7'],
  ['media-rewrap', 'Sealed to other certificates'],
  ['keys-unwrap', 'Session keys handed out'],
  ['key-hand-over', 'Session key to another server'],
  ['access-denied', 'Refused'],
  ['certificate-deletion', 'Certificate deletion'],
  ['keys-backup', 'Backup of keys'],
  ['account', 'Accounts and sign-in'],
  ['chain-opened', 'Chain begun'],
  ['checkpoint', 'Checkpoint'],
] as const;

export function auditSearchFromUrl(params: URLSearchParams): AuditSearch {
  const text = (name: string) => (params.get(name) ?? '').trim();
  return {
    range: rangeFromUrl(params),
    ...{ action: text('action'), recording: text('recording'), user: text('user') },
    ...{ caller: text('caller'), certificate: text('certificate') },
    all: params.get('all') === '1',
  };
}

export function auditSearchToUrl(search: AuditSearch): URLSearchParams {
  const values = [
    ...TEXTS.map((name) => [name, search[name].trim()] as const),
    ['all', search.all ? '1' : ''] as const,
    ...Object.entries(rangeToUrl(search.range)),
  ];
  return new URLSearchParams(values.flatMap(([name, value]) => (value ? [[name, value]] : [])));
}

/** Of the API, of the records and of their export. */
export const auditAsked = (search: AuditSearch, now: Date): Record<string, string | undefined> => ({
  ...rangeAt(search.range, now),
  ...Object.fromEntries(TEXTS.map((name) => [name, search[name]])),
  all: search.all ? '1' : undefined,
});

/** Options of `sealtrack audit search` that find the same. */
export function searchOptions(search: AuditSearch, tenant: string, now: Date): string[] {
  const { from, until } = rangeAt(search.range, now);
  return [
    ...(search.all ? [] : ['--tenant', tenant]),
    ...TEXTS.flatMap((name) => (search[name] === '' ? [] : [`--${name}`, search[name]])),
    ...sinceUntil(from, until),
  ];
}

/** Options of `sealtrack audit export`, which takes all records of a time. */
export function exportOptions({ range }: AuditSearch, now: Date): string[] {
  const { from, until } = rangeAt(range, now);
  return sinceUntil(from, until);
}

const sinceUntil = (from: string | undefined, until: string | undefined): string[] => [
  ...(from === undefined ? [] : ['--since', from]),
  ...(until === undefined ? [] : ['--until', until]),
];
