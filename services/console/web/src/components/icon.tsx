const PATHS = {
  recordings: 'M3 12h2l2-6 4 12 3-9 2 5h5',
  live: 'M4 12a8 8 0 0 1 16 0M8 12a4 4 0 0 1 8 0M12 12v8',
  certificates: 'M5 4h14v11H5zM8 8h8M8 11h5M10 15v5l2-1.5 2 1.5v-5',
  screen: 'M3 5h18v11H3zM9 20h6M12 16v4',
  profiles: 'M4 7h16M4 12h16M4 17h16M8 5v4M15 10v4M10 15v4',
  audit: 'M6 3h9l4 4v14H6zM9 12l2 2 4-4',
  accounts: 'M12 12a4 4 0 1 0 0-8 4 4 0 0 0 0 8zM4 21a8 8 0 0 1 16 0',
  close: 'M6 6l12 12M18 6L6 18',
  copy: 'M9 9h11v12H9zM5 15H4V3h11v2',
  search: 'M10.5 17a6.5 6.5 0 1 0 0-13 6.5 6.5 0 0 0 0 13zM15.5 15.5L21 21',
  warning: 'M12 4l9 16H3zM12 10v4M12 17v.5',
  download: 'M12 4v11M7 11l5 5 5-5M5 20h14',
  upload: 'M12 16V5M7 9l5-5 5 5M5 20h14',
  back: 'M15 5l-7 7 7 7',
  terminal: 'M4 5h16v14H4zM7 9l3 3-3 3M12 15h5',
} as const;

export type IconName = keyof typeof PATHS;

/** A decoration beside words that say the same. */
export function Icon({ name }: { readonly name: IconName }) {
  return (
    <svg className="icon" viewBox="0 0 24 24" aria-hidden="true" focusable="false">
      <path d={PATHS[name]} />
    </svg>
  );
}
