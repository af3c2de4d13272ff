import { parseCertificate } from '@sealtrack/certificates/certificate';
import { createSelfSigned } from '@sealtrack/certificates/self-signed';
import { recipientFromCertificate } from '@sealtrack/envelope/recipient';
import { createMediaSealer } from '@sealtrack/envelope/seal-media';

/** Recordings a second that one core seals when it does nothing else: in memory, with no file, bus or index. */
export async function cryptoLimit(recording: Buffer, seconds: number): Promise<number> {
  const { certificatePem } = await createSelfSigned({ commonName: 'Bench' });
  const recipients = [recipientFromCertificate(parseCertificate(certificatePem))];
  const sealOne = async () => {
    const sealer = createMediaSealer({ suite: 'pkcs7', recipients });
    for await (const _ of sealer.seal(chunksOf(recording)));
    sealer.finish();
  };
  for (let i = 0; i < 200; i++) await sealOne();
  const start = performance.now();
  let sealed = 0;
  for (; performance.now() - start < seconds * 1000; sealed++) await sealOne();
  return sealed / ((performance.now() - start) / 1000);
}

const CHUNK = 128 * 1024;

/** As a pipeline sends it. */
export async function* chunksOf(recording: Buffer): AsyncGenerator<Buffer> {
  for (let at = 0; at < recording.length; at += CHUNK) yield recording.subarray(at, at + CHUNK);
}
