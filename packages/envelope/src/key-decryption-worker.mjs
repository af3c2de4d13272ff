/** What a thread of key-decryption-pool.ts runs. JavaScript for the reason that rsa-decrypt.mjs gives. */
import { move } from 'piscina';
import { decryptOrEmpty } from './rsa-decrypt.mjs';

/** The result is moved out of this thread, not copied: none of it stays here. */
export const decryptKey = ({ options, encryptedKey }) => move(decryptOrEmpty(options, encryptedKey));
