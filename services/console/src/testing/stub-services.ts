import {
  CertificateServiceDefinition,
  type CertificateServiceImplementation,
} from '@sealtrack/contracts/gen/sealtrack/certificates/v1/certificates';
import {
  DecryptionServiceDefinition,
  type DecryptionServiceImplementation,
} from '@sealtrack/contracts/gen/sealtrack/decryption/v1/decryption';
import {
  ProfileServiceDefinition,
  type ProfileServiceImplementation,
} from '@sealtrack/contracts/gen/sealtrack/profiles/v1/profiles';
import {
  RecordingServiceDefinition,
  type RecordingServiceImplementation,
} from '@sealtrack/contracts/gen/sealtrack/recordings/v1/recordings';
import { AppError } from '@sealtrack/errors/app-error';
import { implement, type RpcServer, type RpcService, startRpcServer } from '@sealtrack/rpc/server';
import { collectingLog } from '@sealtrack/rpc/testing';
import { OPEN_TO_ALL } from '@sealtrack/rpc/testing/open-to-all';
import { PLAINTEXT } from '@sealtrack/tls/tls';

/** What the services answer in a test. */
export type StubHandlers = Partial<
  CertificateServiceImplementation &
    DecryptionServiceImplementation &
    ProfileServiceImplementation &
    RecordingServiceImplementation
>;

export interface StubCall {
  readonly method: string;
  readonly request: unknown;
  /** On whose behalf. */
  readonly caller: readonly string[];
}

/** Services on real gRPC servers. What a test gives no answer for fails. */
export interface StubServices extends AsyncDisposable {
  readonly crypto: RpcServer;
  readonly profiles: RpcServer;
  readonly metadata: RpcServer;
  readonly calls: StubCall[];
  on: StubHandlers;
}

interface Context {
  readonly caller: readonly string[];
}
type AnyHandler = (request: unknown, context: Context) => unknown;

export async function startStubServices(): Promise<StubServices> {
  const calls: StubCall[] = [];
  const state: { on: StubHandlers } = { on: {} };
  const find = (method: string, request: unknown, { caller }: Context): AnyHandler => {
    calls.push({ method, request, caller });
    const handler = (state.on as Readonly<Record<string, AnyHandler>>)[method];
    if (handler !== undefined) return handler;
    throw new AppError('INTERNAL', `No answer to ${method} in this test`, { fix: 'Give one.' });
  };
  const stub = <Definition extends Parameters<typeof implement>[0]>(definition: Definition): RpcService => {
    const methods = Object.entries(definition.methods).map(([name, { responseStream }]) => [
      name,
      responseStream
        ? async function* (request: unknown, context: Context) {
            yield* find(name, request, context)(request, context) as AsyncIterable<unknown>;
          }
        : async (request: unknown, context: Context) => find(name, request, context)(request, context),
    ]);
    return implement(definition, Object.fromEntries(methods));
  };
  const start = (...services: readonly RpcService[]) =>
    startRpcServer({
      ...{ services, listen: '127.0.0.1:0', log: collectingLog(), transport: PLAINTEXT, graceMs: 0 },
      access: OPEN_TO_ALL,
    });
  const [crypto, profiles, metadata] = await Promise.all([
    start(stub(CertificateServiceDefinition), stub(DecryptionServiceDefinition)),
    start(stub(ProfileServiceDefinition)),
    start(stub(RecordingServiceDefinition)),
  ]);
  return Object.assign(state, {
    ...{ crypto, profiles, metadata, calls },
    async [Symbol.asyncDispose]() {
      await Promise.all([crypto, profiles, metadata].map((server) => server.close()));
    },
  });
}
