/** The headers of a request that make it depend on what there is (RFC 9110, 13.1); those with dates are none, for there are no dates. */
export interface Conditions {
  readonly ifMatch: string | undefined;
  readonly ifNoneMatch: string | undefined;
  readonly ifRange: string | undefined;
}

export const isConditional = ({ ifMatch, ifNoneMatch, ifRange }: Conditions): boolean =>
  ifMatch !== undefined || ifNoneMatch !== undefined || ifRange !== undefined;

/** What to do with a GET or HEAD, in the order of RFC 9110, 13.2.2. */
export function judgeConditions(
  { ifMatch, ifNoneMatch }: Conditions,
  tag: string | undefined,
): 'go on' | 'not modified' | 'failed' {
  // Strongly compared: W/"x" is not "x".
  if (ifMatch !== undefined && ifMatch.trim() !== '*' && !tagsIn(ifMatch).includes(tag ?? ''))
    return 'failed';
  if (ifNoneMatch === undefined) return 'go on';
  const isSame =
    ifNoneMatch.trim() === '*' || tagsIn(ifNoneMatch).some((each) => each.replace(/^W\//, '') === tag);
  return isSame ? 'not modified' : 'go on';
}

/** Whether a range is wanted of what there is now. A date never says so. */
export const isRangeOf = ({ ifRange }: Conditions, tag: string | undefined): boolean =>
  ifRange === undefined || ifRange.trim() === tag;

const tagsIn = (header: string): readonly string[] => header.match(/(?:W\/)?"[^"]*"/g) ?? [];
