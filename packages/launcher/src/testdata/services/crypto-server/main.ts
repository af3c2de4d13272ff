import { runStub } from '../stub.ts';

runStub('crypto-server');
