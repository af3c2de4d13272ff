import type { Party } from '@sealtrack/authority/bootstrap';
import { ImportCertificateRequest } from '@sealtrack/contracts/gen/sealtrack/certificates/v1/certificates';
import { DecryptMediaRequest } from '@sealtrack/contracts/gen/sealtrack/decryption/v1/decryption';
import { PutRecordingRequest } from '@sealtrack/contracts/gen/sealtrack/ingest/v1/ingest';
import {
  AssignCertificatesRequest,
  CreateProfileRequest,
} from '@sealtrack/contracts/gen/sealtrack/profiles/v1/profiles';
import { GetRecordingRequest } from '@sealtrack/contracts/gen/sealtrack/recordings/v1/recordings';
import { bufCurl } from './programs.ts';
import type { TestSystem } from './test-system.ts';

type Messages = readonly object[];

/** One RPC, given its messages in proto3 JSON, right or wrong. */
export interface RawDoor {
  /** By the typed client. */
  call(messages: Messages): Promise<unknown>;
  /** By `buf curl`: what it says. */
  curl(messages: Messages): Promise<{ readonly code: number | null; readonly said: string }>;
}

export type DoorName = 'put' | 'decrypt' | 'import' | 'find' | 'create' | 'assign';

export function rawDoors({ doors, system }: TestSystem): Readonly<Record<DoorName, RawDoor>> {
  const { addresses } = system;
  const door = (address: string, method: string, call: RawDoor['call'], party?: Party): RawDoor => ({
    call,
    curl: (messages) =>
      bufCurl(system, ['-d', '@-', `https://${address}/sealtrack.${method}`], {
        input: messages.map((message) => JSON.stringify(message)).join('\n'),
        ...(party && { party }),
      }),
  });
  return {
    put: door(
      addresses.ingest,
      'ingest.v1.IngestService/PutRecording',
      (messages) =>
        doors.ingest.putRecording(streamOf(messages.map((message) => PutRecordingRequest.fromJSON(message)))),
      'pipeline',
    ),
    decrypt: door(
      addresses.crypto,
      'decryption.v1.DecryptionService/DecryptMedia',
      ([message]) => Array.fromAsync(doors.decryption.decryptMedia(DecryptMediaRequest.fromJSON(message))),
      'player',
    ),
    import: door(addresses.crypto, 'certificates.v1.CertificateService/ImportCertificate', ([message]) =>
      doors.certificates.importCertificate(ImportCertificateRequest.fromJSON(message)),
    ),
    find: door(addresses.recordings, 'recordings.v1.RecordingService/GetRecording', ([message]) =>
      doors.recordings.getRecording(GetRecordingRequest.fromJSON(message)),
    ),
    create: door(addresses.profiles, 'profiles.v1.ProfileService/CreateProfile', ([message]) =>
      doors.profiles.createProfile(CreateProfileRequest.fromJSON(message)),
    ),
    assign: door(addresses.profiles, 'profiles.v1.ProfileService/AssignCertificates', ([message]) =>
      doors.profiles.assignCertificates(AssignCertificatesRequest.fromJSON(message)),
    ),
  };
}

async function* streamOf<T>(messages: readonly T[]): AsyncGenerator<T> {
  yield* messages;
}

interface Refusal {
  /** The gRPC status as `buf curl` writes it. */
  readonly code: string;
  readonly message: string;
  /** The bytes of a google.rpc message, as text in which its strings can be found. */
  detail(type: 'ErrorInfo' | 'LocalizedMessage'): string;
}

/** What `buf curl` shows of an error. */
export function readRefusal(said: string): Refusal {
  const { code, message, details } = JSON.parse(said.slice(said.indexOf('{'))) as {
    code: string;
    message: string;
    details: { type: string; value: string }[];
  };
  const value = (type: string) => details.find((each) => each.type === `google.rpc.${type}`)?.value ?? '';
  return { code, message, detail: (type) => Buffer.from(value(type), 'base64').toString() };
}
