// The upper part of a card: how it stands, what is wrong, what a person can do, and how far a running sync is.

import { useState } from 'react';
import {
  Alert,
  Box,
  Button,
  Flex,
  Heading,
  LoadingButton,
  LoadingSpinner,
  ProgressBar,
  StatusTag,
  Tag,
  Text,
  Tile,
} from '@hubspot/ui-extensions';
import { Notices, ProblemAlert, Sentences } from './Problems';
import { stateTag } from './status';
import type { Card, Progress, Said } from './use-card';
import type { Action, CardView, Confirm } from './view-model';

export type Layout = 'wide' | 'narrow';

const PENDING_STATES = ['sync_with_deals', 'sync_record_only', 'sync_deal', 'confirm'];

const Headline = ({ view, working, layout }: { view: CardView; working: boolean; layout: Layout }) => {
  const tag = stateTag(working ? 'working' : view.state);
  const loud = view.statistics.filter((one) => one.tone === 'danger' || one.tone === 'warning');
  return (
    <Flex direction="column" gap="extra-small">
      <Flex direction="row" gap="small" wrap="wrap" align="center">
        <StatusTag variant={tag.variant}>{tag.label}</StatusTag>
        {layout === 'wide'
          ? loud.map((one) => (
              <Tag key={one.id} variant={one.tone === 'danger' ? 'error' : 'warning'}>
                {`${one.label}: ${one.text}`}
              </Tag>
            ))
          : null}
      </Flex>
      <Text format={{ fontWeight: 'demibold' }}>{view.headline}</Text>
      {view.sync.lastSynced === null ? null : (
        <Text variant="microcopy">{`Last change sent to Zuora: ${view.sync.lastSynced.text}`}</Text>
      )}
    </Flex>
  );
};

const Result = ({ said, onDismiss }: { said: Said; onDismiss: () => void }) => (
  <Alert title={said.title} variant={said.tone}>
    <Flex direction="column" gap="extra-small" align="start">
      <Text>{said.text}</Text>
      <Button size="xs" variant="transparent" onClick={onDismiss}>
        Dismiss
      </Button>
    </Flex>
  </Alert>
);

const Following = ({
  progress,
  waitingFor,
  asking,
}: {
  progress: Progress | null;
  waitingFor: string | null;
  asking: boolean;
}) => {
  if (progress?.gaveUp === true) {
    return (
      <Alert title="Still working" variant="info">
        The sync goes on by itself. Press Refresh to see how it stands.
      </Alert>
    );
  }
  if (asking || progress === null) {
    return <LoadingSpinner label="Asking the connector to start…" showLabel size="sm" />;
  }
  return (
    <Flex direction="column" gap="extra-small">
      <ProgressBar
        title="Sync is running"
        aria-label="Sync is running"
        value={progress.looks + 1}
        maxValue={progress.of}
        valueDescription={
          waitingFor === null ? 'Zuora and HubSpot are being brought in step.' : `Waiting for ${waitingFor}.`
        }
      />
    </Flex>
  );
};

const ConfirmPanel = ({
  confirm,
  action,
  busy,
  onConfirm,
}: {
  confirm: Confirm;
  action: Action | undefined;
  busy: string | null;
  onConfirm: (token: string) => void;
}) => {
  const [asked, setAsked] = useState(false);
  const allowed = action?.enabled ?? true;
  if (!asked) {
    return (
      <Alert title={confirm.title} variant="warning">
        <Flex direction="column" gap="small" align="start">
          <Text>{confirm.text}</Text>
          <Button
            variant="secondary"
            disabled={!allowed || busy !== null}
            onClick={() => {
              setAsked(true);
            }}
          >
            {action?.label ?? 'Review cancellation'}
          </Button>
          {allowed || action?.reason == null ? null : <Text variant="microcopy">{action.reason}</Text>}
        </Flex>
      </Alert>
    );
  }
  return (
    <Alert title="Cancel the subscription in Zuora?" variant="danger">
      <Flex direction="column" gap="small" align="start">
        <Text>{confirm.text}</Text>
        <Text format={{ fontWeight: 'demibold' }}>The connector cannot take a cancellation back.</Text>
        <Flex direction="row" gap="small" wrap="wrap">
          <LoadingButton
            variant="destructive"
            loading={busy === 'confirm'}
            disabled={busy !== null}
            onClick={() => {
              onConfirm(confirm.token);
            }}
          >
            Yes, cancel the subscription
          </LoadingButton>
          <Button
            variant="secondary"
            disabled={busy !== null}
            onClick={() => {
              setAsked(false);
            }}
          >
            No, keep it
          </Button>
        </Flex>
      </Flex>
    </Alert>
  );
};

const Buttons = ({
  actions,
  busy,
  working,
  layout,
  onPress,
}: {
  actions: Action[];
  busy: string | null;
  working: boolean;
  layout: Layout;
  onPress: (action: Action) => void;
}) => {
  const shown = actions.filter((action) => action.id !== 'confirm');
  if (shown.length === 0) return null;
  const first = shown.find((action) => action.enabled)?.id;
  const reasons = [
    ...new Set(shown.flatMap((action) => (action.enabled || action.reason === null ? [] : [action.reason]))),
  ];
  return (
    <Flex direction="column" gap="extra-small">
      <Flex direction={layout === 'wide' ? 'row' : 'column'} gap="small" wrap={layout === 'wide' ? 'wrap' : 'nowrap'}>
        {shown.map((action) => (
          <LoadingButton
            key={action.id}
            variant={action.id === first ? 'primary' : 'secondary'}
            size={layout === 'wide' ? 'md' : 'sm'}
            loading={busy === action.id}
            disabled={!action.enabled || busy !== null || (working && action.id !== 'preview')}
            onClick={() => {
              onPress(action);
            }}
          >
            {action.label}
          </LoadingButton>
        ))}
      </Flex>
      {reasons.map((reason) => (
        <Text key={reason} variant="microcopy">
          {reason}
        </Text>
      ))}
    </Flex>
  );
};

const Missing = ({ missing }: { missing: string[] }) =>
  missing.length === 0 ? null : (
    <Tile compact>
      <Flex direction="column" gap="extra-small">
        <Text format={{ fontWeight: 'demibold' }}>What is missing</Text>
        <Sentences sentences={missing} />
      </Flex>
    </Tile>
  );

/** How it stands and what can be done. */
export const SyncPanel = ({ card, view, layout }: { card: Card; view: CardView; layout: Layout }) => {
  const pressedSync = card.busy !== null && PENDING_STATES.includes(card.busy);
  const running = pressedSync || (card.progress !== null && !card.progress.gaveUp) || view.state === 'working';
  const { sync } = view;
  return (
    <Flex direction="column" gap="small">
      <Headline view={view} working={running} layout={layout} />
      {card.said === null ? null : <Result said={card.said} onDismiss={card.dismiss} />}
      {running || card.progress?.gaveUp === true ? (
        <Following
          progress={card.progress}
          waitingFor={sync.waitingFor}
          asking={pressedSync && card.progress === null}
        />
      ) : null}
      {sync.problems.map((problem) => (
        <ProblemAlert key={`${problem.code} ${problem.detail}`} problem={problem} />
      ))}
      {sync.writeBackProblem === null ? null : <ProblemAlert problem={sync.writeBackProblem} tone="warning" />}
      <Missing missing={sync.missing} />
      {view.confirm === null ? null : (
        <ConfirmPanel
          key={view.confirm.token}
          confirm={view.confirm}
          action={view.actions.find((action) => action.id === 'confirm')}
          busy={card.busy}
          onConfirm={card.confirm}
        />
      )}
      <Buttons actions={view.actions} busy={card.busy} working={running} layout={layout} onPress={card.press} />
      <Notices notices={sync.notices} />
    </Flex>
  );
};

/** A headline for a part of a card. */
export const Part = ({ title }: { title: string }) => (
  <Box>
    <Heading>{title}</Heading>
  </Box>
);
