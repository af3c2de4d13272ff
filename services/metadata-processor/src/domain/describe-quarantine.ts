/** Why a recording was sealed to the holding key, and what to do while it is: much as the encryptor's alarm said it, from the index alone. */
export function describeQuarantine(reason: string, profileId: string) {
  const assign = `Assign a certificate that can be used: sealtrack profiles assign ${profileId} <certificate-id>. The recording is then sealed to it by itself.`;
  switch (reason) {
    case 'none-assigned':
      return { message: `IVR profile ${profileId} had no certificate assigned`, nextStep: assign };
    case 'profile-deleted':
      return {
        message: `IVR profile ${profileId} was deleted`,
        nextStep: `Create profile ${profileId} again and assign certificates to it.`,
      };
    case 'profile-refused':
      return {
        message: `IVR profile ${profileId} could not be used by the encryptor`,
        nextStep: `sealtrack profiles rollout ${profileId} says why. Save the profile anew, or upgrade the encryptor.`,
      };
    default:
      return {
        message: `No certificate of IVR profile ${profileId} could be used (${reason})`,
        nextStep: assign,
      };
  }
}
