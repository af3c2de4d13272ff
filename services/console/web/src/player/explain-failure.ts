import { ProblemError, readProblem } from '../problem-error.ts';

/**
 * Why media did not come: an element says no more than that it did not. So its first byte is asked for, and the answer tells. Resolves to
 * undefined where that comes well: then it may be the form of the media that the browser cannot play.
 */
export async function explainFailure(address: string, signal: AbortSignal): Promise<unknown> {
  try {
    const response = await fetch(address, {
      headers: { range: 'bytes=0-0', accept: 'application/problem+json, */*' },
      credentials: 'same-origin',
      cache: 'no-store',
      signal,
    });
    if (response.ok) {
      await response.body?.cancel();
      return undefined;
    }
    return await readProblem(response);
  } catch (cause) {
    return brokenOff(cause);
  }
}

/** Media that fails in the middle of it is broken off, so that nobody takes the half for the whole. */
export const brokenOff = (cause?: unknown): ProblemError =>
  new ProblemError(
    {
      type: 'urn:sealtrack:error:SERVICE_UNAVAILABLE',
      title: 'The recording was broken off on its way',
      status: 0,
      code: 'SERVICE_UNAVAILABLE',
      fix: 'Play it again. If it ends in the same place, look into the audit records of it: they say which check failed.',
      traceId: '',
    },
    { cause },
  );
