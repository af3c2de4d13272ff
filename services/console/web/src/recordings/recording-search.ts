import { rangeAt, rangeFromUrl, rangeToUrl, type TimeRange } from '../time-range.ts';

/** What is looked for among recordings. All of it stands in the address of the page. */
export interface RecordingSearch {
  readonly tab: 'stored' | 'failed';
  readonly range: TimeRange;
  readonly profile: string;
  readonly agent: string;
  readonly certificate: string;
  /** Words of the id, the profile, or attributes. */
  readonly query: string;
  readonly quarantined: boolean;
}

export const EVERYTHING: RecordingSearch = {
  tab: 'stored',
  range: {},
  ...{ profile: '', agent: '', certificate: '', query: '' },
  quarantined: false,
};

export function searchFromUrl(params: URLSearchParams): RecordingSearch {
  const text = (name: string) => (params.get(name) ?? '').trim();
  return {
    tab: params.get('tab') === 'failed' ? 'failed' : 'stored',
    range: rangeFromUrl(params),
    profile: text('profile'),
    agent: text('agent'),
    certificate: text('certificate'),
    query: text('query'),
    quarantined: params.get('quarantined') === '1',
  };
}

export function searchToUrl(search: RecordingSearch): URLSearchParams {
  const { tab, range, profile, agent, certificate, query, quarantined } = search;
  return compact({
    tab: tab === 'failed' ? 'failed' : undefined,
    ...{ query, profile, agent, certificate },
    quarantined: quarantined ? '1' : undefined,
    ...rangeToUrl(range),
  });
}

/** Of the API: recordings. */
export const recordingsAsked = (search: RecordingSearch, now: Date) => ({
  ...rangeAt(search.range, now),
  ...{ profile: search.profile, agent: search.agent, certificate: search.certificate, query: search.query },
  quarantined: search.quarantined ? '1' : undefined,
});

/** Of the API: captures that became no recordings, of which less is known. */
export const failuresAsked = (search: RecordingSearch, now: Date) => ({
  ...rangeAt(search.range, now),
  ...{ profile: search.profile, query: search.query },
});

/** Words of `sealtrack` that find the same, newest first. */
export function listCommand(search: RecordingSearch, now: Date): string[] {
  const isStored = search.tab === 'stored';
  const { from, until } = rangeAt(search.range, now);
  const values = {
    ...{ from, until, profile: search.profile, query: search.query },
    ...(isStored ? { agent: search.agent, certificate: search.certificate } : {}),
  };
  return [
    ...['recordings', 'list', '--limit', '50'],
    ...Object.entries(values).flatMap(([name, value]) => (value ? [`--${name}`, value] : [])),
    ...(isStored ? [] : ['--failed']),
    ...(isStored && search.quarantined ? ['--quarantined'] : []),
  ];
}

/** Whether anything is left out. */
export const isNarrowed = (search: RecordingSearch): boolean =>
  searchToUrl({ ...search, tab: 'stored' }).size > 0;

function compact(values: Readonly<Record<string, string | undefined>>): URLSearchParams {
  return new URLSearchParams(
    Object.entries(values).flatMap(([name, value]) => {
      const text = value?.trim();
      return text ? [[name, text]] : [];
    }),
  );
}
