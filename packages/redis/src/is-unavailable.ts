/** Redis' own words for "not now": loading, failing over, unable to write, or wrongly set up. */
const NOT_NOW =
  /^(?:LOADING|READONLY|MASTERDOWN|CLUSTERDOWN|TRYAGAIN|NOREPLICAS|MISCONF|OOM|BUSY|WRONGPASS|NOAUTH|NOPERM)\b|^ERR (?:ACL failure in script|The user executing the script)/;

/** What ioredis, Node and packages/tls call failures of the connection. A TypeError is none. */
const CONNECTION_ERRORS = [
  'Error',
  'ServerRefused',
  'AbortError',
  'InterruptError',
  'MaxRetriesPerRequestError',
  'ClusterAllFailedError',
];

/**
 * Whether a command failed because Redis could not be reached, did not answer in time, or refuses for now. Trying again
 * later makes sense, and whether the command was carried out is unknown. Otherwise the command itself is wrong.
 */
export function isUnavailable(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  return error.name === 'ReplyError' ? NOT_NOW.test(error.message) : CONNECTION_ERRORS.includes(error.name);
}
