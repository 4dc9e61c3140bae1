// The card of a company or a deal. All places (tab, sidebar, preview panel) show this one component; only the layout
// differs.

import { Alert, Button, Divider, ErrorState, Flex, LoadingSpinner, Text } from '@hubspot/ui-extensions';
import { AccountFacts, Figures, InvoicedAndPaid, OtherAccounts } from './AccountPanel';
import type { CallFailed, Reader, Subject } from './api';
import { lateLists, ListPanels } from './ListPanels';
import { PreviewPanel } from './PreviewPanel';
import { type Layout, SyncPanel } from './SyncPanel';
import { type Card, type CardActions, PAUSES_MS, useCard } from './use-card';
import type { CardObject, CardView } from './view-model';

/** The part of HubSpot's context that the card needs. */
export interface CardContext {
  crm: { objectId: number };
  user: { locale?: string };
  portal: { timezone: string };
}

export interface BillingCardProps {
  object: CardObject;
  layout: Layout;
  context: CardContext;
  actions: CardActions;
  /** Only tests set this. */
  pauses?: readonly number[];
}

const DEFAULT_LOCALE = 'en';

/** For whom texts are made. */
export function readerOf(context: { user: { locale?: string }; portal: { timezone: string } }): Reader {
  return { locale: context.user.locale ?? DEFAULT_LOCALE, timezone: context.portal.timezone };
}

const TITLES: Readonly<Record<CallFailed['kind'], string>> = {
  rights: 'There is no access to billing data',
  unsigned: 'The connector refused the request',
  missing: 'Nothing is known about this record',
  conflict: 'This changed in the meantime',
  down: 'The billing connector does not answer',
  other: 'Billing data could not be loaded',
};

const HINTS: Readonly<Partial<Record<CallFailed['kind'], string>>> = {
  rights: 'Whoever runs the billing connector can give it to you.',
  unsigned:
    'Whoever runs it should compare the public address and the client secret in its configuration with this app.',
  down: 'Syncs go on by themselves; only looking at them does not work now.',
};

/** A call that brought nothing, in place of what it should have brought. */
export const Failed = ({ failure, busy, onRetry }: { failure: CallFailed; busy: boolean; onRetry: () => void }) => (
  <ErrorState
    title={TITLES[failure.kind]}
    type={failure.kind === 'rights' ? 'lock' : failure.kind === 'unsigned' ? 'support' : 'error'}
  >
    <Flex direction="column" gap="small" align="center">
      <Text>{failure.message}</Text>
      {HINTS[failure.kind] === undefined ? null : <Text variant="microcopy">{HINTS[failure.kind]}</Text>}
      <Button onClick={onRetry} disabled={busy}>
        {busy ? 'Loading…' : 'Try again'}
      </Button>
    </Flex>
  </ErrorState>
);

const Freshness = ({ view, card }: { view: CardView; card: Card }) => (
  <Flex direction="row" justify="between" align="center" gap="small" wrap="wrap">
    <Text variant="microcopy">{`${view.account === null ? 'As of' : 'Figures from Zuora as of'} ${view.freshness.asOf.text}`}</Text>
    <Button size="xs" variant="transparent" disabled={card.refreshing || card.busy !== null} onClick={card.refresh}>
      {card.refreshing ? 'Refreshing…' : 'Refresh'}
    </Button>
  </Flex>
);

const Staleness = ({ view, card }: { view: CardView; card: Card }) => (
  <>
    {view.freshness.stale ? (
      <Alert title={`These figures are from ${view.freshness.asOf.text}`} variant="warning">
        Zuora did not answer just now, so they may have changed since.
      </Alert>
    ) : null}
    {view.freshness.late.length === 0 ? null : (
      <Alert title="Not everything is here yet" variant="info">
        {`Zuora has not answered in time for: ${lateLists(view.freshness.late)}. Press Refresh to load the rest.`}
      </Alert>
    )}
    {card.refreshFailed === null ? null : (
      <Alert title="The card could not be renewed" variant="warning">
        {`${card.refreshFailed.message} What you see is from ${view.freshness.asOf.text}.`}
      </Alert>
    )}
  </>
);

const NoRights = ({ view, card }: { view: CardView; card: Card }) => (
  <ErrorState title={TITLES.rights} type="lock">
    <Flex direction="column" gap="small" align="center">
      <Text>{view.headline}</Text>
      <Text variant="microcopy">{HINTS.rights}</Text>
      <Button size="sm" onClick={card.refresh} disabled={card.refreshing}>
        Try again
      </Button>
    </Flex>
  </ErrorState>
);

const Ready = ({ card, view, subject, layout }: { card: Card; view: CardView; subject: Subject; layout: Layout }) => {
  if (view.state === 'no_rights') return <NoRights view={view} card={card} />;
  return (
    <Flex direction="column" gap="medium">
      {view.account !== null ? <Figures statistics={view.statistics} layout={layout} /> : null}
      <Staleness view={view} card={card} />
      <SyncPanel card={card} view={view} layout={layout} />
      {card.preview === null ? null : (
        <PreviewPanel preview={card.preview} layout={layout} onClose={card.closePreview} />
      )}
      <OtherAccounts view={view} />
      {view.account === null ? null : (
        <>
          <Divider size="extra-small" />
          <AccountFacts account={view.account} layout={layout} />
          {layout === 'wide' && view.chart !== null ? <InvoicedAndPaid chart={view.chart} /> : null}
          <ListPanels view={view} subject={subject} layout={layout} />
        </>
      )}
      <Freshness view={view} card={card} />
    </Flex>
  );
};

const OneRecord = ({ object, layout, context, actions, pauses = PAUSES_MS }: BillingCardProps) => {
  const subject: Subject = { object, id: String(context.crm.objectId), reader: readerOf(context) };
  const card = useCard(subject, actions, pauses);
  switch (card.loaded.phase) {
    case 'loading':
      return <LoadingSpinner label="Loading billing data from Zuora…" showLabel size="md" layout="centered" />;
    case 'failed':
      return <Failed failure={card.loaded.failure} busy={card.refreshing} onRetry={card.refresh} />;
    case 'ready':
      return <Ready card={card} view={card.loaded.view} subject={subject} layout={layout} />;
  }
};

/** The billing card. Another record is another card with a life of its own. */
export const BillingCard = (props: BillingCardProps) => (
  <OneRecord key={`${props.object} ${String(props.context.crm.objectId)}`} {...props} />
);
