// Billing, in the sidebar of a deal.
import { hubspot } from '@hubspot/ui-extensions';
import { BillingCard } from '@billing/shared';

hubspot.extend<'crm.record.sidebar'>(({ context, actions }) => (
  <BillingCard object="deal" layout="narrow" context={context} actions={actions} />
));
