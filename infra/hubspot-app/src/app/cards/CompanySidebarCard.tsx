// Billing, in the sidebar of a company.
import { hubspot } from '@hubspot/ui-extensions';
import { BillingCard } from '@billing/shared';

hubspot.extend<'crm.record.sidebar'>(({ context, actions }) => (
  <BillingCard object="company" layout="narrow" context={context} actions={actions} />
));
