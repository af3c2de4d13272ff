/** Where certificates are in Redis. The tenant in braces puts all of them into one slot of a Redis Cluster. */
export const certificateNames = (tenantId: string) => {
  const name = (what: string) => `st:{${tenantId}}:${what}`;
  return {
    certificate: (certificateId: string) => name(`certificate:${certificateId}`),
    /** The ids of those on one private key. */
    onKey: (keyId: string) => name(`key-certificates:${keyId}`),
    /** Every id there ever was, by the revision of its last change. */
    changes: name('certificate-changes'),
    revision: name('certificate-revision'),
  };
};
