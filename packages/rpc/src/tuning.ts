import type { ChannelOptions } from '@grpc/grpc-js';

/** gRPC's customary limit on one message; recordings cross in chunks far below it. */
export const MAX_MESSAGE_BYTES = 4 * 1024 * 1024;

/**
 * HTTP/2's default window of 64 KiB makes a 256 KiB chunk wait for four round trips. 1 MiB carries about half as
 * much again per second on one machine and far more across a network; larger windows measured no better. It is also
 * what a stalled stream may hold in memory below the messages that may wait.
 */
export const WINDOW_BYTES = 1024 * 1024;

/**
 * Messages of one request that may wait between the transport and a handler. grpc-js would hold 16; with 256 KiB chunks and
 * many streams that is most of a small process's memory.
 */
export const REQUESTS_AHEAD = 4;

/**
 * Messages of one response that may wait to be sent, and as many that were read and nobody took yet. One is sent or read while
 * the other is worked on; four carry no more a second, and half as many streams.
 */
export const RESPONSES_AHEAD = 2;

/** All headers of a call, 32 bytes more for each: ours are some 300. gRPC's customary limit is half of it. */
export const MAX_HEADER_BYTES = 16 * 1024;

/** Calls of one connection at a time; clients keep further ones back until some have ended. */
const MAX_STREAMS = 1_000;

/** A peer that answers no ping is gone: without this an upload from a host that lost power waits for ever. */
const keepalive: ChannelOptions = {
  'grpc.keepalive_time_ms': 30_000,
  'grpc.keepalive_timeout_ms': 10_000,
};

export const serverOptions = (maxMessageBytes: number): ChannelOptions => ({
  ...keepalive,
  'grpc.max_concurrent_streams': MAX_STREAMS,
  'grpc.max_receive_message_length': maxMessageBytes,
  'grpc.max_send_message_length': maxMessageBytes,
});

export const channelOptions = (windowBytes: number): ChannelOptions => ({
  ...keepalive,
  'grpc-node.flow_control_window': windowBytes,
  'grpc.max_receive_message_length': MAX_MESSAGE_BYTES,
  // A restarted server is back within seconds; the default backoff would look away for up to two minutes.
  'grpc.initial_reconnect_backoff_ms': 100,
  'grpc.max_reconnect_backoff_ms': 3_000,
  'grpc.dns_min_time_between_resolutions_ms': 3_000,
  // Services speak to each other directly, whatever http_proxy says to the rest of the machine.
  'grpc.enable_http_proxy': 0,
});
