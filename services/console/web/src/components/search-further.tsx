import { Time } from './time.tsx';

interface SearchFurtherProps {
  readonly hasMore: boolean;
  readonly isSearching: boolean;
  /** Nothing that is newer is left to find; null where that is not known. */
  readonly searchedTo: string | null;
  readonly onMore: () => void;
  /** What is said at the end. */
  readonly end: string;
}

/** Below what was found: how far the search has come, and a button that goes on. */
export function SearchFurther({ hasMore, isSearching, searchedTo, onMore, end }: SearchFurtherProps) {
  return (
    <p className="search-further">
      {hasMore ? (
        <>
          {searchedTo === null ? null : (
            <span className="muted">
              Searched to <Time at={searchedTo} show="second" />.
            </span>
          )}
          <button type="button" className="button small" disabled={isSearching} onClick={onMore}>
            {isSearching ? 'Searching…' : 'Go on'}
          </button>
        </>
      ) : (
        <span className="muted">{end}</span>
      )}
    </p>
  );
}
