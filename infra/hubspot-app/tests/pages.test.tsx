// The app's pages: System Health and Settings.

import {
  Alert,
  Button,
  EmptyState,
  ErrorState,
  LoadingButton,
  LoadingSpinner,
  StatisticsItem,
  StatusTag,
  TableRow,
  Tag,
} from '@hubspot/ui-extensions';
import { createRenderer } from '@hubspot/ui-extensions/testing';
import { describe, expect, it } from 'vitest';
import { Health, Settings } from '@billing/shared';
import { type Answer, type Call, connector, health, host, ok, refused, settings } from './world';

const READER = { locale: 'en', timezone: 'Europe/Oslo' };

async function page(which: typeof Health | typeof Settings, answer: (call: Call, index: number) => Answer) {
  const calls = connector(answer);
  const renderer = createRenderer('settings');
  const side = host();
  const Page = which;
  renderer.render(<Page reader={READER} addAlert={side.addAlert} />);
  await renderer.waitFor(() => {
    expect(renderer.maybeFind(LoadingSpinner)).toBeNull();
  });
  const press = (label: string, nth = 0): void => {
    const found = renderer.findAll(LoadingButton, (node) => node.text === label)[nth];
    if (found === undefined) renderer.find(Button, (node) => node.text === label).trigger('onClick');
    else found.trigger('onClick');
  };
  return { calls, renderer, host: side, press, text: () => renderer.getRootNode().toString() };
}

describe('System Health', () => {
  it('shows counts, lag and failures with reason, fix and code', async () => {
    const shown = await page(Health, () => ok(health('health_failures')));
    expect(shown.calls[0]?.url.pathname).toBe('/system-health');
    expect(shown.text()).toContain(
      'Oldest waiting: 12 seconds. Last reconciliation: 23 Nov 2026, 03:00. Configuration version: 2026-11-19.2.',
    );
    expect(shown.renderer.findAll(Tag).map((tag) => tag.text)).toContain('HZ0305');
    expect(shown.text()).toContain('What to do: Give both lines the same term');
    expect(shown.renderer.findAll(StatusTag).map((tag) => tag.text)).toEqual(['2', '1']);
    expect(shown.renderer.findAll(TableRow)).toHaveLength(8);
  });

  it('shows what the store does not count as unknown', async () => {
    const uncounted = health('health_quiet');
    for (const row of uncounted.counts) row.inSync = row.excluded = null;
    const shown = await page(Health, () => ok(uncounted));
    expect(shown.renderer.find(StatisticsItem).props).toMatchObject({ label: 'In sync', number: '–' });
  });

  it('says that nothing fails', async () => {
    const shown = await page(Health, () => ok(health('health_quiet')));
    expect(shown.renderer.find(EmptyState).props.title).toBe('Nothing fails');
    expect(shown.renderer.maybeFind(LoadingButton)).toBeNull();
  });

  it('retries one record, says it and loads again', async () => {
    const shown = await page(Health, (call) =>
      call.method === 'POST' ? ok({ retried: 1 }) : ok(health('health_failures')),
    );
    shown.press('Retry');
    shown.press('Retry', 1);
    await shown.renderer.waitFor(() => {
      expect(shown.host.alerts[0]?.title).toBe('One record is tried again');
      expect(shown.calls).toHaveLength(3);
    });
    expect(shown.calls[1]?.body).toEqual({ object: 'deal', id: '7001' });
    expect(shown.renderer.find(Alert).props.variant).toBe('success');
  });

  it('does not offer what a retry cannot mend', async () => {
    const shown = await page(Health, () => ok(health('health_failures')));
    expect(shown.renderer.findAll(LoadingButton, (node) => node.text === 'Retry')).toHaveLength(2);
    expect(shown.text()).toContain('See what to do');
  });

  it('retries all', async () => {
    const shown = await page(Health, (call) =>
      call.method === 'POST' ? ok({ retried: 3 }) : ok(health('health_failures')),
    );
    shown.press('Retry all');
    await shown.renderer.waitFor(() => {
      expect(shown.host.alerts[0]?.title).toBe('3 records are tried again');
    });
    expect(shown.calls[1]?.body).toEqual({ all: true });
  });

  it('says why nothing is retried', async () => {
    const shown = await page(Health, (call) =>
      call.method === 'POST' ? refused(403, 'You may not retry all.') : ok(health('health_failures')),
    );
    shown.press('Retry all');
    await shown.renderer.waitFor(() => {
      expect(shown.host.alerts[0]).toMatchObject({ type: 'danger', message: 'You may not retry all.' });
    });
  });

  it('shows what failed and loads again', async () => {
    const shown = await page(Health, (_call, index) => (index === 0 ? refused(503) : ok(health('health_quiet'))));
    expect(shown.renderer.find(ErrorState).props.title).toBe('The billing connector does not answer');
    shown.press('Try again');
    await shown.renderer.waitFor(() => {
      shown.renderer.find(EmptyState);
    });
  });
});

describe('Settings', () => {
  it('shows connections, the mapping and the configuration', async () => {
    const shown = await page(Settings, () => ok(settings('settings_sound')));
    expect(shown.calls[0]?.url.pathname).toBe('/settings');
    expect(shown.renderer.findAll(StatusTag).map((tag) => tag.text)).toEqual(['Connected', 'Connected']);
    expect(shown.renderer.find(Alert).props.title).toBe('No problem is known');
    expect(shown.text()).toContain('hubspotDealId__c');
    expect(shown.text()).toContain('deals.closed_lost');
  });

  it('shows what is broken', async () => {
    const shown = await page(Settings, () => ok(settings('settings_problems')));
    expect(shown.renderer.findAll(StatusTag).map((tag) => tag.text)).toEqual(['Connected', 'Not connected']);
    expect(shown.renderer.find(Alert).props.title).toBe('A mapped field does not exist in Zuora.');
  });

  it('tests the connection and says the result', async () => {
    const shown = await page(Settings, (_call, index) =>
      ok(settings(index === 0 ? 'settings_sound' : 'settings_problems')),
    );
    shown.press('Test connection');
    await shown.renderer.waitFor(() => {
      expect(shown.host.alerts[0]).toMatchObject({ type: 'danger', message: 'No connection to: Zuora.' });
    });
  });

  it.each([401, 403, 500])('shows status %i', async (status) => {
    const shown = await page(Settings, () => refused(status));
    expect(shown.renderer.find(ErrorState)).toBeDefined();
  });
});
