import type { Socket } from 'node:net';
import { Duplex } from 'node:stream';

/** A connection with both directions looked at on the way. */
export interface Tap {
  readonly stream: Duplex;
  /** The first of what came, and of what went. */
  readonly received: () => Buffer;
  readonly sent: () => Buffer;
}

/** Over any handshake: OpenSSL takes chains of 100 KB. What comes after it is nobody's to be sent here. */
const MOST = 256 * 1024;

export function createTap(socket: Socket): Tap {
  const received = createLog();
  const sent = createLog();
  const stream = new Duplex({
    read: () => socket.resume(),
    write: (chunk: Buffer, _encoding, done) => {
      sent.add(chunk);
      socket.write(chunk, done);
    },
    final: (done) => {
      socket.end(done);
    },
    destroy: (error, done) => {
      socket.destroy();
      done(error);
    },
  });
  const take = (chunk: Buffer): void => {
    received.add(chunk);
    if (received.size() > MOST) stream.destroy(new Error('The server sends more than any handshake has'));
    else if (!stream.push(chunk)) socket.pause();
  };
  socket.on('data', take);
  socket.on('end', () => stream.push(null));
  socket.on('error', (error) => stream.destroy(error));
  socket.on('close', () => stream.destroy());
  // TLS says it too, and is the one that is listened to.
  stream.on('error', () => {});
  return { stream, received: received.bytes, sent: sent.bytes };
}

function createLog() {
  const chunks: Buffer[] = [];
  let size = 0;
  return {
    add(chunk: Buffer): void {
      if (size <= MOST) chunks.push(Buffer.from(chunk));
      size += chunk.length;
    },
    size: () => size,
    bytes: () => Buffer.concat(chunks),
  };
}
