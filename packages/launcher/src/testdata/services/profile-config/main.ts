import { runStub } from '../stub.ts';

runStub('profile-config');
