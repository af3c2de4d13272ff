import { readProblem, unreachable } from './problem-error.ts';

/**
 * What a route of server-sent events says, one `data` after another, as JSON. Ends when the server ends it. Throws ProblemError where it
 * is refused or broken off, and AbortError once `signal` has fired: unlike EventSource, which hides why.
 */
export async function* readEventStream<Message>(
  address: string,
  signal: AbortSignal,
): AsyncGenerator<Message> {
  const response = await open(address, signal);
  if (!response.ok) throw await readProblem(response);
  const decoder = new TextDecoder();
  const parser = createEventParser();
  const reader = response.body?.getReader();
  try {
    for (;;) {
      const part = await read(reader, signal);
      if (part === undefined) return;
      for (const data of parser.add(decoder.decode(part, { stream: true })))
        yield JSON.parse(data) as Message;
    }
  } finally {
    await reader?.cancel().catch(() => {});
  }
}

async function open(address: string, signal: AbortSignal): Promise<Response> {
  try {
    return await fetch(address, {
      signal,
      headers: { accept: 'text/event-stream' },
      credentials: 'same-origin',
      redirect: 'error',
      cache: 'no-store',
    });
  } catch (error) {
    if (signal.aborted) throw error;
    throw unreachable(error);
  }
}

async function read(reader: ReadableStreamDefaultReader<Uint8Array> | undefined, signal: AbortSignal) {
  try {
    return (await reader?.read())?.value;
  } catch (error) {
    if (signal.aborted) throw error;
    throw unreachable(error);
  }
}

/** Of an event stream (WHATWG HTML, 9.2.6), the `data` of each event; names and ids are not used here. */
export function createEventParser() {
  let rest = '';
  let data: string[] = [];
  return {
    /** The events that text completes, wherever it was cut. */
    add(text: string): string[] {
      const events: string[] = [];
      const lines = (rest + text).split(/\r\n|\n|\r(?!$)/);
      rest = lines.pop() ?? '';
      for (const line of lines) {
        if (line.startsWith('data:')) data.push(line.slice(5).replace(/^ /, ''));
        else if (line === '' && data.length > 0) {
          events.push(data.join('\n'));
          data = [];
        }
      }
      return events;
    },
  };
}
