import { runStub } from '../stub.ts';

runStub('media-encryptor');
