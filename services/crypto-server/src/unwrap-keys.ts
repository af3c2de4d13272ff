import type {
  UnwrapKeysRequest,
  UnwrapKeysResponse,
  UnwrappedKey,
  WrappedKey,
} from '@sealtrack/contracts/gen/sealtrack/decryption/v1/decryption';
import type { AppError } from '@sealtrack/errors/app-error';
import type { ErrorCode } from '@sealtrack/errors/codes';
import { parseTenantId } from '@sealtrack/ids/parse';
import { AT_ONCE, checkCount, errorOf, NO_ERROR, orItsError } from './batch.ts';
import { type CallerContext, callerText } from './caller-context.ts';
import { eachOf } from './each-of.ts';
import { createInSlices } from './in-slices.ts';
import { type AskedKey, type OpenedKey, type OpenWrappedKey, parseWrappedKey } from './open-wrapped-key.ts';
import { parsePurpose } from './parse-purpose.ts';
import type { AuditTrail, EncryptToCaller } from './ports.ts';

const MAX_KEYS = 64;

export interface UnwrapKeysDeps {
  readonly open: OpenWrappedKey;
  readonly encryptTo: EncryptToCaller;
  readonly audit: Pick<AuditTrail, 'keysUnwrapped'>;
}

/**
 * DecryptionService.UnwrapKeys. What stands in the way of one key is said of that one; what stands in the way of all,
 * such as too many who wait, fails the call. No session key leaves before the record that names it is durable.
 */
export function createUnwrapKeys({ open, encryptTo, audit }: UnwrapKeysDeps) {
  const inSlices = createInSlices();
  return async (request: UnwrapKeysRequest, caller: CallerContext): Promise<UnwrapKeysResponse> => {
    const tenantId = parseTenantId(request.tenantId);
    const purpose = parsePurpose(request.purpose);
    const encrypt = encryptTo('public_key', request.publicKey);
    const keys = parseKeys(request.keys);
    const opened: OpenedKey[] = [];

    async function openOne(asked: AskedKey): Promise<OpenedKey> {
      const result = await open(asked, { tenantId, purpose, caller });
      opened.push(result);
      return result;
    }

    try {
      const outcomes = await eachOf(keys, AT_ONCE, (key) => orItsError(OF_ONE_KEY, () => openOne(key)));
      const inOrder = outcomes.filter(isOpened);
      if (inOrder.length === 0) return { jwe: '', keys: outcomes.map(answer) };
      const onRecord = inOrder.map(({ record }) => record);
      await audit.keysUnwrapped(
        { tenantId, caller: callerText(caller), purpose, keys: onRecord },
        caller.traceparent,
      );
      // The bus acknowledges many records at once, and each JWE takes a fifth of a millisecond.
      const jwe = await inSlices(() => encryptAll(encrypt, inOrder));
      return { jwe, keys: outcomes.map(answer) };
    } finally {
      for (const { dek } of opened) dek.fill(0);
    }
  };
}

const OF_ONE_KEY: ReadonlySet<ErrorCode> = new Set([
  ...([
    'KEY_NOT_HELD',
    'CERTIFICATE_DELETED',
    'SEAL_BROKEN',
    'ENVELOPE_INVALID',
    'TOO_MANY_FAILURES',
  ] as const),
  // Of whoever holds it elsewhere.
  ...(['PERMISSION_DENIED', 'SERVICE_UNAVAILABLE'] as const),
]);

function parseKeys(keys: readonly WrappedKey[]): AskedKey[] {
  checkCount('keys', keys, MAX_KEYS);
  return keys.map(parseWrappedKey);
}

const isOpened = (outcome: OpenedKey | AppError): outcome is OpenedKey => 'dek' in outcome;

function encryptAll(encrypt: (secrets: Buffer) => string, opened: readonly OpenedKey[]): string {
  const secrets = Buffer.concat(opened.map(({ dek }) => dek));
  try {
    return encrypt(secrets);
  } finally {
    secrets.fill(0);
  }
}

const answer = (outcome: OpenedKey | AppError): UnwrappedKey =>
  isOpened(outcome)
    ? { ...NO_ERROR, size: outcome.dek.length, certificateId: outcome.record.certificateId }
    : { size: 0, certificateId: '', ...errorOf(outcome) };
