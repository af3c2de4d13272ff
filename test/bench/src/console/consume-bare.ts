/** Reads what the console reads, and only parses it: node consume-bare.ts <folder of the system> <URL of NATS>. */
import { connectBus } from '@sealtrack/bus/connect';
import { followStream } from '@sealtrack/bus/follow-stream';
import { STREAMS, SUBJECTS } from '@sealtrack/contracts/subjects';
import { openConnections } from '@sealtrack/launcher/connections';

const [dir = '', url = ''] = process.argv.slice(2);
const stop = new AbortController();
// Whoever started it has gone, or is done.
process.on('disconnect', () => stop.abort());
let consumed = 0;
process.on('message', () => process.send?.({ consumed }));
using connections = await openConnections({ dir });
await using bus = await connectBus({
  ...{ transport: await connections.transportOf('console'), url, name: 'bench-consumer' },
});
await followStream(bus, {
  ...{ stream: STREAMS.events, subject: SUBJECTS.allEvents, mostBehind: 10_000, signal: stop.signal },
  onInPlace: () => process.send?.({ consumed }),
  onMessages(messages) {
    for (const { body } of messages) {
      JSON.parse(Buffer.from(body).toString());
      consumed += 1;
    }
  },
});
