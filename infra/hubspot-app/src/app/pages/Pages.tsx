// The app's pages. There is one: System Health.
import { hubspot, useExtensionActions, useExtensionContext } from '@hubspot/ui-extensions';
import { createPageRouter, PageBreadcrumbs, PageRoutes, PageTitle } from '@hubspot/ui-extensions/pages';
import { Health, readerOf } from '@billing/shared';

const SystemHealthPage = () => {
  const context = useExtensionContext<'pages'>();
  const actions = useExtensionActions<'pages'>();
  return (
    <>
      <PageBreadcrumbs>
        <PageBreadcrumbs.Current>System Health</PageBreadcrumbs.Current>
      </PageBreadcrumbs>
      <PageTitle>System Health</PageTitle>
      <Health reader={readerOf(context)} addAlert={actions.addAlert} />
    </>
  );
};

const Router = createPageRouter(
  <PageRoutes>
    <PageRoutes.IndexRoute component={SystemHealthPage} />
  </PageRoutes>,
);

hubspot.extend<'pages'>(() => <Router />);
