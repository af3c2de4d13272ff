// Stands in for a service: listens, says that it is ready as services do, and drains for a moment when asked to stop.
import { createServer } from 'node:net';

export function runStub(service: string): void {
  const say = (line: object): void => console.log(JSON.stringify({ service, ...line }));
  if (process.env.STUB_FAILS !== undefined) {
    say({ msg: 'no way to start', why: process.env.STUB_FAILS });
    process.exit(4);
  }
  const [host, port] = (process.env.SEALTRACK_LISTEN ?? '').split(':');
  const server = createServer();
  server.listen(Number(port), host, () => {
    const address = server.address();
    if (typeof address === 'object' && address !== null)
      say({ msg: 'ready', addresses: { grpc: `127.0.0.1:${address.port}` } });
  });
  const settings = Object.entries(process.env).filter(([name]) => /^(SEALTRACK|STUB|UV)_/.test(name));
  say({ msg: 'settings', settings: Object.fromEntries(settings) });
  process.on('SIGTERM', () => server.close(() => say({ msg: 'drained' })));
}
