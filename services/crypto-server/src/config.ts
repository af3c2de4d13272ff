import { type ConfigOf, optionalSecretSetting, setting } from '@sealtrack/service-kit/config';
import { hostAndPort, path, urlOf, urlsOf, wholeNumber } from '@sealtrack/service-kit/config-types';
import { ticketSettings } from '@sealtrack/tickets/ticket-settings';
import { trustSettings } from '@sealtrack/trust-files/trust-settings';
import { z } from 'zod';

export const config = {
  listen: setting(
    'SEALTRACK_LISTEN',
    hostAndPort.default('127.0.0.1:7013'),
    'where to serve gRPC, 127.0.0.1:7013 unless told',
  ),
  natsUrl: setting('SEALTRACK_NATS_URL', urlsOf(['nats', 'tls']), 'the bus, such as nats://127.0.0.1:4222'),
  redisUrl: setting(
    'SEALTRACK_REDIS_URL',
    urlOf(['redis', 'rediss']),
    'where sealed keys are kept, such as rediss://crypto-server@redis.example:6379; redis:// with SEALTRACK_TLS=off',
  ),
  redisPassword: optionalSecretSetting(
    'SEALTRACK_REDIS_PASSWORD',
    'the password of the user in SEALTRACK_REDIS_URL; another one takes a restart',
  ),
  redisReplicas: setting(
    'SEALTRACK_REDIS_REPLICAS',
    wholeNumber(0, 10).default(0),
    'replicas that must have a key on their disk before an import is confirmed, none unless told',
  ),
  unsealWith: setting(
    'SEALTRACK_UNSEAL_WITH',
    z.enum(['key', 'shamir'], 'is neither key nor shamir').default('key'),
    'what opens the seal: "key" (SEALTRACK_UNSEAL_KEY), or "shamir", shares that people give (sealtrack unseal); "key" unless told',
  ),
  unsealKey: optionalSecretSetting(
    'SEALTRACK_UNSEAL_KEY',
    'the key that opens the seal, base64url of 32 bytes; without it no private key opens: back it up apart from Redis',
  ),
  previousUnsealKey: optionalSecretSetting(
    'SEALTRACK_UNSEAL_KEY_PREVIOUS',
    'while the unseal key is exchanged: the one before',
  ),
  backupDir: setting(
    'SEALTRACK_BACKUP_DIR',
    path,
    'a folder for sealed copies of every private key, on another disk than that of Redis',
  ),
  ...trustSettings('be imported for recordings'),
  trustProfile: setting(
    'SEALTRACK_TRUST_PROFILE',
    z.enum(['strict', 'lenient'], 'is neither strict nor lenient').default('strict'),
    '"strict": certificates have to be as RFC 5280 tells CAs to issue them; "lenient": its validation is enough, for CAs that leave out key identifiers; "strict" unless told',
  ),
  ...ticketSettings,
  approversFile: setting(
    'SEALTRACK_APPROVERS_FILE',
    path.optional(),
    'who may approve that a private key is deleted although recordings need it (sealtrack approvers create)',
  ),
  deletionGraceHours: setting(
    'SEALTRACK_DELETION_GRACE_HOURS',
    wholeNumber(1, 87_600).default(720),
    'how long a deleted certificate can be restored, 720 hours unless told',
  ),
  mediaStore: setting(
    'SEALTRACK_MEDIA_STORE',
    urlOf(['file']),
    'where ciphertext is kept, such as file:///var/lib/sealtrack/media; read only',
  ),
  metadataAddress: setting(
    'SEALTRACK_METADATA_ADDRESS',
    hostAndPort,
    'a metadata-processor, such as 127.0.0.1:7012',
  ),
  unwrapThreads: setting(
    'SEALTRACK_UNWRAP_THREADS',
    wholeNumber(1, 64).default(1),
    'session keys decrypted at a time, each on a thread of its own, 1 unless told; each takes about 16 MB of memory',
  ),
  keyCacheSize: setting(
    'SEALTRACK_KEY_CACHE_SIZE',
    wholeNumber(1, 100_000).default(1_000),
    'private keys kept open in memory, 1000 unless told',
  ),
  keyCacheSeconds: setting(
    'SEALTRACK_KEY_CACHE_SECONDS',
    wholeNumber(1, 3_600).default(60),
    'how long a private key stays open in memory, and a key that was deleted elsewhere in use, 60 unless told',
  ),
  sessionSeconds: setting(
    'SEALTRACK_SESSION_SECONDS',
    wholeNumber(0, 300).default(300),
    'how long the session key of a media file is kept in memory for the caller that plays it, so that seeking costs no RSA operation, 300 unless told; 0 keeps none',
  ),
  maxSessions: setting(
    'SEALTRACK_MAX_SESSIONS',
    wholeNumber(1, 100_000).default(1_000),
    'how many such session keys at most, 1000 unless told',
  ),
  callSeconds: setting(
    'SEALTRACK_CALL_SECONDS',
    wholeNumber(1, 3_600).default(30),
    'how long media may take until its first byte, and session keys in all, for callers that would wait longer, 30 unless told',
  ),
  callsPerSecond: setting(
    'SEALTRACK_CALLS_PER_SECOND',
    wholeNumber(1, 1_000_000).default(500),
    'gRPC calls of one caller a second, and twice as many after a pause, 500 unless told; further ones are refused',
  ),
  callsAtOnce: setting(
    'SEALTRACK_CALLS_AT_ONCE',
    wholeNumber(1, 100_000).default(300),
    'gRPC calls of one caller at a time, streams that are played among them, 300 unless told; further ones are refused',
  ),
  maxCalls: setting(
    'SEALTRACK_MAX_CALLS',
    wholeNumber(1, 100_000).default(400),
    'the same of all callers together, 400 unless told; the last tenth is for callers that have few; a stream takes up to 2 MB',
  ),
  stallSeconds: setting(
    'SEALTRACK_STALL_SECONDS',
    wholeNumber(1, 3_600).default(60),
    'how long a stream waits for a client that takes nothing of it before it is ended, 60 unless told',
  ),
  failuresPerMinute: setting(
    'SEALTRACK_FAILURES_PER_MINUTE',
    wholeNumber(1, 1_000_000).default(30),
    'how much may fail to decrypt in a minute for one caller, and whoever it plays for, with one certificate before it has to wait, 30 unless told',
  ),
};

export type Config = ConfigOf<typeof config>;
