import type { Account, AccountChange, Accounts, Invitation, NewAccount } from '../../src/api/accounts.ts';
import type { AuditPage } from '../../src/api/audit.ts';
import type {
  ApprovalRequest,
  CertificateDetails,
  CertificateList,
  ImportAnswer,
} from '../../src/api/certificates.ts';
import type { DeadLetterDetails, DeadLetterList, Health, Seals } from '../../src/api/live.ts';
import type {
  AssignRequest,
  NewProfile,
  Profile,
  ProfileChange,
  ProfileList,
  Rollout,
  ScreenChange,
  ScreenSettings,
} from '../../src/api/profiles.ts';
import type {
  Accesses,
  EnvelopeDocument,
  FailedCaptureList,
  Recording,
  RecordingList,
  Timeline,
  Waveform,
} from '../../src/api/recordings.ts';
import type { LinkRequest, PasswordRequest, Session, SignIn, SignInRequest } from '../../src/api/session.ts';

type Nothing = unknown;

/** What each route is answered by, of those that pages ask with `ask`; the others are streams, downloads and redirects. */
export interface Answers {
  'GET /session': Session | SignIn;
  'POST /session': Session;
  'DELETE /session': Nothing;
  'PUT /session/password': Session;
  'POST /setup': Session;
  'POST /invitation': Session;
  'GET /accounts': Accounts;
  'POST /accounts': Invitation;
  'PATCH /accounts/:name': Account;
  'POST /accounts/:name/invitation': Invitation;
  'DELETE /accounts/:name': Nothing;
  'GET /tenants/:tenant/certificates': CertificateList;
  'POST /tenants/:tenant/certificates': ImportAnswer;
  'GET /tenants/:tenant/certificates/:certificate': CertificateDetails;
  'DELETE /tenants/:tenant/certificates/:certificate': CertificateDetails;
  'POST /tenants/:tenant/certificates/:certificate/approvals': CertificateDetails;
  'POST /tenants/:tenant/certificates/:certificate/restore': CertificateDetails;
  'GET /tenants/:tenant/profiles': ProfileList;
  'POST /tenants/:tenant/profiles': Profile;
  'GET /tenants/:tenant/profiles/:profile': Profile;
  'PATCH /tenants/:tenant/profiles/:profile': Profile;
  'PUT /tenants/:tenant/profiles/:profile/certificates': Profile;
  'DELETE /tenants/:tenant/profiles/:profile': Profile;
  'GET /tenants/:tenant/profiles/:profile/rollout': Rollout;
  'GET /tenants/:tenant/screen': ScreenSettings;
  'PUT /tenants/:tenant/screen': ScreenSettings;
  'GET /tenants/:tenant/screen/rollout': Rollout;
  'GET /tenants/:tenant/recordings': RecordingList;
  'GET /tenants/:tenant/failed-captures': FailedCaptureList;
  'GET /tenants/:tenant/recordings/:recording': Recording;
  'GET /tenants/:tenant/recordings/:recording/timeline': Timeline;
  'GET /tenants/:tenant/recordings/:recording/accesses': Accesses;
  'GET /tenants/:tenant/recordings/:recording/media/:media/waveform': Waveform;
  'GET /tenants/:tenant/recordings/:recording/media/:media/envelope': EnvelopeDocument;
  'GET /tenants/:tenant/dead-letters': DeadLetterList;
  'GET /tenants/:tenant/dead-letters/:number': DeadLetterDetails;
  'POST /tenants/:tenant/dead-letters/:number/retry': Nothing;
  'GET /health': Health;
  'GET /seals': Seals;
  'GET /tenants/:tenant/audit': AuditPage;
}

/** What is sent as JSON with each route that takes something. An upload is a FormData. */
export interface Bodies {
  'POST /session': SignInRequest;
  'PUT /session/password': PasswordRequest;
  'POST /setup': LinkRequest;
  'POST /invitation': LinkRequest;
  'POST /accounts': NewAccount;
  'PATCH /accounts/:name': AccountChange;
  'POST /tenants/:tenant/certificates': FormData;
  'POST /tenants/:tenant/certificates/:certificate/approvals': ApprovalRequest;
  'POST /tenants/:tenant/profiles': NewProfile;
  'PATCH /tenants/:tenant/profiles/:profile': ProfileChange;
  'PUT /tenants/:tenant/profiles/:profile/certificates': AssignRequest;
  'PUT /tenants/:tenant/screen': ScreenChange;
}
