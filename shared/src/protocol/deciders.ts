import {
  decideArchive,
  decideArrive,
  decideAssignDriver,
  decideComplete,
  decideCreate,
  decideDepart,
  decideDepartBack,
  decideEdit,
  decideHandOver,
  decideMarkBreached,
  decideMoveDueDate,
  decideSeal,
} from '../batches/decide.ts';
import { decideCancel, decideReopen, decideTakeBack } from '../batches/decide-back.ts';
import {
  decideAddParts,
  decideCorrectPart,
  decideRemoveParts,
  decideRestoreParts,
  decideSettleParts,
  decideSplit,
} from '../batches/decide-parts.ts';
import { decideAddNote, decideLogCall, decideNotifyCustomer } from '../batches/decide-response.ts';
import { decideCreateKey, decideEditKey, decideRevokeKey } from '../keys/decide.ts';
import { directoryDeciders } from '../directory/decide.ts';
import { decideClaimMessage, decideSendMessageAgain, decideSettleMessage } from '../messages/decide.ts';
import { decideCreateOrganization, decideEditOrganization, decideSetWipLimit } from '../organization/decide.ts';
import { decideArchivePart, decideCreatePart, decideEditPart, decideRestorePart } from '../parts/decide.ts';
import {
  decideCreatePerson,
  decideEditPerson,
  decideEditProfile,
  decideEndSession,
  decideEndSessions,
  decideRenewSession,
  decideSetPassword,
  decideStartSession,
} from '../people/decide.ts';
import {
  decideAssignRoute,
  decideCancelRoute,
  decideCreateRoute,
  decideEditRoute,
  decidePlanRoute,
} from '../routes/decide.ts';
import {
  decideArriveAtStop,
  decideDepartFromStop,
  decideFinishRoute,
  decideSkipStop,
  decideStartRoute,
} from '../routes/decide-drive.ts';
import { decideHandOverAt, decidePickUp } from '../routes/decide-hand.ts';
import { decideAcknowledge, decideArchiveRoute, decideReport, decideResolve } from '../routes/decide-report.ts';
import {
  decideEraseBatch,
  decideEraseContacts,
  decideEraseMessage,
  decideErasePerson,
  decideEraseRoute,
  decideEraseVendorContacts,
} from '../retention/decide.ts';
import {
  decideCreateLink,
  decideInvitePerson,
  decideRevokeLink,
  decideSettleLink,
  decideUseLink,
} from '../people/decide-links.ts';
import {
  decideDropSecondFactor,
  decideEnrolSecondFactor,
  decideFollowProvider,
  decideRemoveSecondFactor,
  decideRenewRecoveryCodes,
  decideSpendRecoveryCode,
} from '../people/decide-sign-in.ts';
import { decideArchiveTemplate, decideCreateTemplate, decideEditTemplate } from '../templates/decide.ts';
import { decideArchiveSavedView, decideCreateSavedView, decideEditSavedView } from '../views/decide.ts';
import { decideImport } from './import.ts';
import { decideUndo } from './undo.ts';

/** Every command's rule, by name. Free of zod, so that a browser can decide its own commands at once. */
export const deciders = {
  'organization.create': decideCreateOrganization,
  'organization.edit': decideEditOrganization,
  'organization.setWipLimit': decideSetWipLimit,
  ...directoryDeciders,
  'person.create': decideCreatePerson,
  'person.edit': decideEditPerson,
  'person.editProfile': decideEditProfile,
  'person.setPassword': decideSetPassword,
  'person.invite': decideInvitePerson,
  'link.create': decideCreateLink,
  'link.revoke': decideRevokeLink,
  'link.use': decideUseLink,
  'link.settle': decideSettleLink,
  'person.enrolSecondFactor': decideEnrolSecondFactor,
  'person.dropSecondFactor': decideDropSecondFactor,
  'person.renewRecoveryCodes': decideRenewRecoveryCodes,
  'person.removeSecondFactor': decideRemoveSecondFactor,
  'person.spendRecoveryCode': decideSpendRecoveryCode,
  'person.followProvider': decideFollowProvider,
  'session.start': decideStartSession,
  'session.renew': decideRenewSession,
  'session.end': decideEndSession,
  'session.endAll': decideEndSessions,
  'batch.create': decideCreate,
  'batch.edit': decideEdit,
  'batch.assignDriver': decideAssignDriver,
  'batch.moveDueDate': decideMoveDueDate,
  'batch.addParts': decideAddParts,
  'batch.removeParts': decideRemoveParts,
  'batch.correctPart': decideCorrectPart,
  'batch.settleParts': decideSettleParts,
  'batch.restoreParts': decideRestoreParts,
  'batch.split': decideSplit,
  'batch.seal': decideSeal,
  'batch.handOver': decideHandOver,
  'batch.depart': decideDepart,
  'batch.arrive': decideArrive,
  'batch.departBack': decideDepartBack,
  'batch.complete': decideComplete,
  'batch.takeBack': decideTakeBack,
  'batch.cancel': decideCancel,
  'batch.reopen': decideReopen,
  'batch.logCall': decideLogCall,
  'batch.notifyCustomer': decideNotifyCustomer,
  'batch.addNote': decideAddNote,
  'batch.markBreached': decideMarkBreached,
  'batch.archive': decideArchive,
  'route.create': decideCreateRoute,
  'route.edit': decideEditRoute,
  'route.assign': decideAssignRoute,
  'route.plan': decidePlanRoute,
  'route.cancel': decideCancelRoute,
  'route.start': decideStartRoute,
  'route.arrive': decideArriveAtStop,
  'route.depart': decideDepartFromStop,
  'route.skip': decideSkipStop,
  'route.pickUp': decidePickUp,
  'route.handOver': decideHandOverAt,
  'route.finish': decideFinishRoute,
  'route.acknowledge': decideAcknowledge,
  'route.report': decideReport,
  'route.resolve': decideResolve,
  'route.archive': decideArchiveRoute,
  'message.claim': decideClaimMessage,
  'message.settle': decideSettleMessage,
  'message.sendAgain': decideSendMessageAgain,
  'template.create': decideCreateTemplate,
  'template.edit': decideEditTemplate,
  'template.archive': decideArchiveTemplate,
  'savedView.create': decideCreateSavedView,
  'savedView.edit': decideEditSavedView,
  'savedView.archive': decideArchiveSavedView,
  'part.create': decideCreatePart,
  'part.edit': decideEditPart,
  'part.archive': decideArchivePart,
  'part.restore': decideRestorePart,
  'batch.erase': decideEraseBatch,
  'route.erase': decideEraseRoute,
  'message.erase': decideEraseMessage,
  'person.erase': decideErasePerson,
  'customer.eraseContacts': decideEraseContacts,
  'vendor.eraseContacts': decideEraseVendorContacts,
  'apiKey.create': decideCreateKey,
  'apiKey.edit': decideEditKey,
  'apiKey.revoke': decideRevokeKey,
  import: decideImport,
  undo: decideUndo,
} as const;

/** A command's name. */
export type CommandName = keyof typeof deciders;
/** What a command of this name carries. */
export type ArgsOf<N extends CommandName> = Parameters<(typeof deciders)[N]>[1];
