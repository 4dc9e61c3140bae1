// Billing, as a tab of a company.
import { hubspot } from '@hubspot/ui-extensions';
import { BillingCard } from '@billing/shared';

hubspot.extend<'crm.record.tab'>(({ context, actions }) => (
  <BillingCard object="company" layout="wide" context={context} actions={actions} />
));
