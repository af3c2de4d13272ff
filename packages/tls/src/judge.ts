import { distinguishedName } from '@sealtrack/certificates/distinguished-name';
import { matchesName } from '@sealtrack/certificates/x509/match-name';
import type { ChainPolicy } from '@sealtrack/certificates/x509/policy';
import { type ChainFailure, explainProblem } from '@sealtrack/certificates/x509/problems';
import { createChainValidator } from '@sealtrack/certificates/x509/validate-chain';
import { addressBytes } from './ip-address.ts';
import type { Material } from './material.ts';
import type { PeerChain } from './peer-chain.ts';

/** Why a peer is not believed. */
export interface Refusal {
  /** A ChainProblem, the code of OpenSSL or Node, or one of those that only connections have. */
  readonly problem: string;
  /** A sentence without a full stop. */
  readonly reason: string;
  readonly fix?: string;
}

export interface Judge {
  /** Whether a client is believed now, by the files as they are now. Undefined when it is. */
  client(chain: PeerChain): Refusal | undefined;
  /** The same of a server; `host` is whom its certificate has to be for, a DNS name or an IP address, or undefined. */
  server(chain: PeerChain, host: string | undefined): Refusal | undefined;
  /**
   * The same of whoever signed something with the key of a certificate for either side of connections: at another time than now
   * where one is given, by what is known of revocation now.
   */
  signer(chain: PeerChain, at?: Date): Refusal | undefined;
}

type Trusted = Pick<Material, 'anchors' | 'crls'>;

const SERVER_AUTH = '1.3.6.1.5.5.7.3.1';
const CLIENT_AUTH = '1.3.6.1.5.5.7.3.2';

/** Peers are few, however many connections they have. */
const CACHED_CHAINS = 100;

/** @param current whom it believes, at the moment of each question. */
export function createJudge(current: () => Trusted, now: () => number): Judge {
  const asClient = createUseJudge(CLIENT_AUTH, current, now);
  const asServer = createUseJudge(SERVER_AUTH, current, now);
  return {
    client: (chain) => toRefusal(asClient(chain)),
    server: (chain, host) => toRefusal(asServer(chain) ?? nameProblem(chain, host)),
    signer(chain, at) {
      const failure = asServer(chain, at);
      if (failure?.problem !== 'extended-key-usage-missing') return toRefusal(failure);
      return toRefusal(asClient(chain, at));
    },
  };
}

function createUseJudge(usage: string, current: () => Trusted, now: () => number) {
  const [unlisted, listed] = (['off', 'required'] as const).map((revocation) =>
    createChainValidator(policyFor(usage, revocation), { cacheSize: CACHED_CHAINS }),
  );
  return (chain: PeerChain, at?: Date): ChainFailure | undefined => {
    const { anchors, crls } = current();
    const validator = crls.length > 0 ? listed : unlisted;
    const known = new Date(now());
    const result = validator?.validate({ ...chain, anchors, crls }, at ?? known, known);
    if (result === undefined) throw new Error('There is a validator for each way');
    return result.ok ? undefined : result;
  };
}

/** Lenient: certificates of the world's CAs have to do, and OpenSSL verified them as well. */
const policyFor = (usage: string, revocation: ChainPolicy['revocation']): ChainPolicy => ({
  profile: 'lenient',
  maxIntermediates: 8,
  keyUsage: [],
  extendedKeyUsage: [usage],
  revocation,
  legacy: [],
  peerName: undefined,
});

function nameProblem({ leaf }: PeerChain, host: string | undefined): ChainFailure | undefined {
  if (host === undefined) return undefined;
  const address = addressBytes(host);
  const wanted =
    address === undefined
      ? ({ kind: 'dns', value: host.replace(/\.$/, '') } as const)
      : ({ kind: 'ip', value: address } as const);
  if (matchesName(leaf, wanted)) return undefined;
  return { problem: 'peer-name-mismatch', subject: distinguishedName(leaf.subject.der), detail: host };
}

function toRefusal(failure: ChainFailure | undefined): Refusal | undefined {
  if (failure === undefined) return undefined;
  const { message, fix } = explainProblem(failure);
  return { problem: failure.problem, reason: message, fix };
}
