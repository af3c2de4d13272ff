/**
 * The configuration with which `openssl ca -config <dir>/ca_conf/ca.conf` goes on with an authority's folder: it lists
 * what was issued here, revokes it, publishes revocation lists and issues on.
 */

export interface ConfigOptions {
  readonly digest: string;
  readonly days: number;
  readonly crlDays: number;
}

/** `dir` is absolute: OpenSSL knows no folder of its configuration, only that it is run in. */
export const opensslConfig = (dir: string, { digest, days, crlDays }: ConfigOptions): string => `\
# OpenSSL's configuration of this certificate authority, such as for
#   openssl ca -config ca.conf -gencrl -out ca_crl.pem
# sealtrack keeps the line "dir" as the folder is called now, and never touches the others.

[ ca ]
default_ca = authority

[ authority ]
${dirLine(dir)}
certificate      = $dir/ca_conf/ca_cert.pem
private_key      = $dir/ca_conf/ca_priv_key.pem
database         = $dir/ca_conf/ca.db
serial           = $dir/ca_conf/serial.num
crlnumber        = $dir/ca_conf/crl.num
new_certs_dir    = $dir/repository
default_md       = ${digest}
default_days     = ${days}
default_crl_days = ${crlDays}
# A renewed certificate has the subject of the one before it.
unique_subject   = no
policy           = any_subject
string_mask      = utf8only
utf8             = yes
x509_extensions  = host
crl_extensions   = crl
# The names of a request (subjectAltName) are taken over; what [ host ] says itself is not.
copy_extensions  = copy

[ any_subject ]
countryName            = optional
stateOrProvinceName    = optional
localityName           = optional
organizationName       = optional
organizationalUnitName = optional
commonName             = optional
emailAddress           = optional

[ host ]
basicConstraints       = critical, CA:FALSE
keyUsage               = critical, digitalSignature, keyEncipherment
extendedKeyUsage       = serverAuth, clientAuth
subjectKeyIdentifier   = hash
authorityKeyIdentifier = keyid:always

[ crl ]
authorityKeyIdentifier = keyid:always
`;

const DIR_LINE = /^dir[ \t]*=.*$/m;

/** The configuration with the folder as it is called now; undefined when it has that, or no such line. */
export function withDir(config: string, dir: string): string | undefined {
  const changed = config.replace(DIR_LINE, () => dirLine(dir));
  return changed === config ? undefined : changed;
}

const dirLine = (dir: string): string => `dir              = ${quoted(dir)}`;

/** These mean something in a value (config(5)). */
const quoted = (path: string): string => path.replaceAll(/[\\$#"']/g, '\\$&');
