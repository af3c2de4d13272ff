import { type Finding, ok, problem, warning } from '../doctor/finding.ts';
import type { Probe } from './probe.ts';
import type { ServerProbes } from './probe-server.ts';

export interface Expected {
  /** Whether clients have to show a certificate. */
  readonly mutual: boolean;
  /** Whether a certificate of ours was shown. */
  readonly hasCredentials: boolean;
}

export type ServerView = ReturnType<typeof serverView>;

/** The same facts for programs. */
export const serverView = ({ startTls, bare, asService, old }: ServerProbes) => ({
  startTls,
  protocol: bare.protocol ?? asService?.protocol ?? null,
  cipher: (bare.handshake ?? asService?.handshake)?.cipher ?? null,
  clientCertificate: clientCertificateOf(bare),
  tls11: old === undefined ? 'unknown' : takes(old) ? 'accepted' : 'refused',
});

const clientCertificateOf = ({
  asked,
  outcome,
}: Probe): 'required' | 'optional' | 'not asked for' | 'unknown' => {
  if (asked === undefined || outcome === 'silent') return 'unknown';
  if (!asked) return 'not asked for';
  return outcome === 'refused' ? 'required' : 'optional';
};

/** It went on in that version, whatever it thought of the client after that. */
const takes = ({ handshake, chain }: Probe): boolean => handshake !== undefined || chain.length > 0;

const MUTUAL =
  'Have it ask for one: SEALTRACK_TLS_MUTUAL=on for a service, verify: true for NATS, tls-auth-clients yes for Redis. ' +
  'Where everybody is meant to get in: --mutual off.';
const OLD_FIX =
  'Take TLS 1.2 as the least: SEALTRACK_TLS_SEC_PROTOCOL for a service, min_version in NATS, tls-protocols in Redis.';

/** How it is reached; its certificate is judged elsewhere. */
export function judgeServer(probes: ServerProbes, expected: Expected): Finding[] {
  const { bare, asService } = probes;
  if (bare.outcome === 'plaintext') {
    const said = bare.said === '' ? '' : `: it says ${JSON.stringify(bare.said)}`;
    return [
      problem(
        'protocol',
        `the server does not speak TLS${said}`,
        'Turn TLS on there, or give the port that has it.',
      ),
    ];
  }
  if (bare.chain.length === 0 && !takes(bare) && !(asService && takes(asService))) {
    return [
      problem(
        'protocol',
        `the server refuses every handshake: ${bare.reason}`,
        'Its log says why; it may have no certificate.',
      ),
    ];
  }
  return [
    judgeProtocol(probes),
    judgeOld(probes.old),
    judgeClientCertificate(bare, expected),
    ...(expected.hasCredentials && asService ? [judgeOwn(asService)] : []),
  ];
}

function judgeProtocol(probes: ServerProbes): Finding {
  const { protocol, cipher } = serverView(probes);
  return ok('protocol', [protocol, cipher ?? 'a cipher that was not settled before it ended'].join(', '));
}

function judgeOld(old: Probe | undefined): Finding {
  if (old === undefined) return warning('TLS 1.1', 'whether it is refused could not be seen', 'Try again.');
  if (takes(old)) return problem('TLS 1.1', `is accepted (${old.protocol})`, OLD_FIX);
  return ok('TLS 1.1', 'refused, and what is older');
}

function judgeClientCertificate(bare: Probe, { mutual }: Expected): Finding {
  const what = 'clients';
  switch (clientCertificateOf(bare)) {
    case 'required':
      return ok(what, 'have to show a certificate: without one, the server ends the connection');
    case 'optional': {
      const facts = 'are asked for a certificate, and let in without one';
      return mutual ? problem(what, facts, MUTUAL) : ok(what, facts);
    }
    case 'not asked for': {
      if (bare.outcome === 'refused')
        return problem(
          what,
          `are refused, and not for want of a certificate: ${bare.reason}`,
          'Its log says why.',
        );
      return mutual
        ? problem(what, 'are not asked for a certificate', MUTUAL)
        : ok(what, 'are not asked for a certificate');
    }
    default:
      return warning(
        what,
        'whether those without a certificate are let in could not be seen',
        "Look into the server's settings.",
      );
  }
}

function judgeOwn({ outcome, reason }: Probe): Finding {
  if (outcome === 'let-in') return ok('own certificate', 'the server lets it in');
  if (outcome === 'silent')
    return warning('own certificate', 'the server says nothing to it', 'Its log may.');
  return problem(
    'own certificate',
    `the server refuses it: ${reason}`,
    "The server's log says why. Check it: sealtrack tls verify --cert FILE --usage client, with the CAs that the server trusts.",
  );
}

/** Both have to agree before a service believes a peer, so what OpenSSL alone has against it counts. */
export function judgeByOpenssl({ asService }: ServerProbes): Finding[] {
  const refusal = asService?.handshake?.refusal ?? '';
  if (refusal === '') return [];
  const facts = `OpenSSL, which every service asks as well, refuses the certificate: ${refusal}`;
  return [
    problem('chain', facts, 'Have it issued anew: sealtrack tls create-cert makes what every peer takes.'),
  ];
}
