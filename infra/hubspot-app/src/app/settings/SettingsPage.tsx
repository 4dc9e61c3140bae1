// The app's settings page.
import { hubspot } from '@hubspot/ui-extensions';
import { readerOf, Settings } from '@billing/shared';

hubspot.extend<'settings'>(({ context, actions }) => (
  <Settings reader={readerOf(context)} addAlert={actions.addAlert} />
));
