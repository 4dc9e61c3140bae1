// Billing, as a tab of a deal.
import { hubspot } from '@hubspot/ui-extensions';
import { BillingCard } from '@billing/shared';

hubspot.extend<'crm.record.tab'>(({ context, actions }) => (
  <BillingCard object="deal" layout="wide" context={context} actions={actions} />
));
