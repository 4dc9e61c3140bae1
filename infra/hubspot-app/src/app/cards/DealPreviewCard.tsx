// Billing, in the preview panel of a deal.
import { hubspot } from '@hubspot/ui-extensions';
import { BillingCard } from '@billing/shared';

hubspot.extend<'crm.preview'>(({ context, actions }) => (
  <BillingCard object="deal" layout="narrow" context={context} actions={actions} />
));
