// Every state and every button of the billing card, drawn by HubSpot's own testing renderer.

import {
  Accordion,
  Alert,
  BarChart,
  Button,
  ErrorState,
  Link,
  LoadingButton,
  LoadingSpinner,
  ProgressBar,
  Statistics,
  StatisticsItem,
  StatusTag,
  Tab,
  Table,
  TableHeader,
  Tag,
  Text,
} from '@hubspot/ui-extensions';
import { createRenderer } from '@hubspot/ui-extensions/testing';
import { describe, expect, it, vi } from 'vitest';
import { BillingCard, CONNECTOR_URL, type CardObject, type Layout, PAUSES_MS } from '@billing/shared';
import {
  type Answer,
  type Call,
  card,
  cardNames,
  connector,
  context,
  type Host,
  host,
  list,
  ok,
  preview,
  QUICK,
  refused,
} from './world';

const isSync = (call: Call): boolean => call.url.pathname.endsWith('/sync');
const isList = (call: Call): boolean => call.url.searchParams.has('list');
const isLook = (call: Call): boolean => call.method === 'GET' && !isList(call);

interface Shown {
  renderer: ReturnType<typeof createRenderer<'crm.record.tab'>>;
  host: Host;
  calls: Call[];
}

function show(
  object: CardObject,
  answer: (call: Call, index: number) => Answer,
  layout: Layout = 'wide',
  pauses = QUICK,
): Shown {
  const calls = connector(answer);
  const renderer = createRenderer('crm.record.tab');
  const side = host();
  renderer.render(
    <BillingCard object={object} layout={layout} context={context(object)} actions={side} pauses={pauses} />,
  );
  return { renderer, host: side, calls };
}

const text = ({ renderer }: Shown): string => renderer.getRootNode().toString();
const button = ({ renderer }: Shown, label: string) => renderer.find(LoadingButton, (node) => node.text === label);
const plainButton = ({ renderer }: Shown, label: string) => renderer.find(Button, (node) => node.text === label);
const loaded = async (shown: Shown): Promise<void> => {
  await shown.renderer.waitFor(() => {
    expect(shown.renderer.maybeFind(LoadingSpinner, { layout: 'centered' })).toBeNull();
  });
};
const settled = async (shown: Shown, check: () => void): Promise<void> =>
  shown.renderer.waitFor(check, { timeoutInMs: 3000 });

async function shownAs(name: string, layout: Layout = 'wide'): Promise<Shown> {
  const view = card(name);
  const shown = show(view.object, () => ok(view), layout, []);
  await loaded(shown);
  return shown;
}

describe('states', () => {
  it('says that it loads before the first answer', async () => {
    const shown = show('company', () => 'never');
    expect(shown.renderer.find(LoadingSpinner).props.label).toBe('Loading billing data from Zuora…');
    await vi.waitFor(() => {
      expect(shown.calls).toHaveLength(1);
    });
  });

  it('asks for the record in the language and time zone of the user, without escapes in the address', async () => {
    const shown = show('deal', () => 'never');
    await vi.waitFor(() => {
      expect(shown.calls.at(-1)?.url.href).toBe(`${CONNECTOR_URL}/cards/deal/7001?locale=nb-no&timezone=Europe/Oslo`);
    });
  });

  it.each(cardNames.flatMap((name) => [[name, 'wide'] as const, [name, 'narrow'] as const]))(
    'draws %s at %s',
    async (name, layout) => {
      const shown = await shownAs(name, layout);
      expect(text(shown)).toContain(card(name).headline);
    },
  );

  it('shows what is in sync with its figures, account and lists', async () => {
    const shown = await shownAs('company_in_sync');
    expect(shown.renderer.find(StatusTag).text).toBe('In sync');
    expect(shown.renderer.findAll(StatisticsItem).map((item) => item.props.number)).toContain('NOK 29,700.00');
    expect(shown.renderer.findAll(Tab).map((tab) => tab.props.title)).toEqual([
      'Subscriptions (3)',
      'Orders (3)',
      'Invoices (11+)',
      'Payments (3)',
      'Credit memos (1)',
      'Debit memos (1)',
    ]);
    expect(shown.renderer.find(BarChart).props.options?.title).toBe('Invoiced and paid, NOK');
    expect(text(shown)).toContain('Figures from Zuora as of 23 Nov 2026, 09:41');
  });

  it('has the buttons with their labels', async () => {
    const labels = (shown: Shown): (string | null)[] => shown.renderer.findAll(LoadingButton).map((node) => node.text);
    expect(labels(await shownAs('company_in_sync'))).toEqual([
      'Sync Company with Deals',
      'Sync Company and Contacts Only',
    ]);
    expect(labels(await shownAs('deal_in_sync'))).toEqual(['Sync Deal', 'Preview']);
  });

  it('names what is missing where nothing is linked, and shows no empty lists', async () => {
    const shown = await shownAs('company_not_linked');
    for (const missing of card('company_not_linked').sync.missing) expect(text(shown)).toContain(missing);
    expect(shown.renderer.maybeFind(Table)).toBeNull();
  });

  it('says why a button cannot be pressed', async () => {
    const shown = await shownAs('deal_not_linked');
    expect(button(shown, 'Sync Deal').props.disabled).toBe(true);
    expect(text(shown)).toContain('The deal is not won yet, so there is nothing to order.');
    expect(button(shown, 'Preview').props.disabled).toBe(false);
  });

  it('shows a problem with its code, field and fix, and one of the write-back less loudly', async () => {
    const shown = await shownAs('deal_needs_attention');
    const [problem, writeBack] = shown.renderer.findAll(Alert);
    expect(problem?.props.variant).toBe('danger');
    expect(problem?.props.title).toBe('The recurring line items have different terms.');
    expect(problem?.findAll(Tag).map((tag) => tag.text)).toEqual(['Field: Term', 'HZ0305']);
    expect(problem?.toString()).toContain('Give both lines the same term');
    expect(writeBack?.props.variant).toBe('warning');
  });

  it('says with its time that an answer is old', async () => {
    const shown = await shownAs('company_unavailable');
    expect(shown.renderer.find(Alert).props.title).toBe('These figures are from 23 Nov 2026, 07:12');
    expect(text(shown)).not.toContain('Zuora did not answer for this list');
    expect(button(shown, 'Sync Company with Deals').props.disabled).toBe(false);
  });

  it('says of a single list that it is old', async () => {
    const view = card('company_in_sync');
    view.lists.payments.state = 'stale';
    const shown = show('company', () => ok(view), 'wide', []);
    await loaded(shown);
    expect(text(shown)).toContain('Zuora did not answer for this list; it is older than 23 Nov 2026, 09:41.');
  });

  it('shows nothing but the way to rights without rights', async () => {
    const shown = await shownAs('company_no_rights');
    expect(shown.renderer.find(ErrorState).props.type).toBe('lock');
    expect(shown.renderer.maybeFind(LoadingButton)).toBeNull();
    expect(shown.renderer.maybeFind(Table)).toBeNull();
  });

  it('links to the other accounts where several carry the company', async () => {
    const shown = await shownAs('company_several_accounts');
    expect(shown.renderer.findAll(Link).some((link) => link.text === 'A00000118')).toBe(true);
  });

  it('shows plain text instead of a link without an address', async () => {
    const shown = await shownAs('company_in_sync');
    expect(text(shown)).toContain('A-S00000318');
    expect(shown.renderer.findAll(Link).some((link) => link.text === 'A-S00000318')).toBe(false);
    const [account] = shown.renderer.findAll(Link);
    expect(account?.props.href).toMatchObject({
      url: expect.stringContaining('https://test.zuora.com/apps/CustomerAccount.do') as string,
      external: true,
    });
  });

  it('shows the unknown instead of breaking', async () => {
    const view = card('company_in_sync');
    const [first] = view.lists.subscriptions.rows;
    if (first !== undefined) first.status = 'Hibernating';
    const strange = { ...view, state: 'dreaming' };
    const shown = show('company', () => ok(strange), 'wide', []);
    await loaded(shown);
    expect(shown.renderer.find(StatusTag).text).toBe('dreaming');
    expect(shown.renderer.find(StatusTag, (node) => node.text === 'Hibernating').props.variant).toBe('default');
  });

  it('marks the deal’s own subscription', async () => {
    const shown = await shownAs('deal_in_sync');
    expect(shown.renderer.find(Tag, (node) => node.text === 'This deal').props.variant).toBe('info');
  });
});

describe('answers that are none', () => {
  it.each([
    [401, 'The connector refused the request', 'support'],
    [403, 'There is no access to billing data', 'lock'],
    [404, 'Nothing is known about this record', 'error'],
    [500, 'The billing connector does not answer', 'error'],
    [502, 'The billing connector does not answer', 'error'],
    [503, 'The billing connector does not answer', 'error'],
    [429, 'The billing connector does not answer', 'error'],
    [418, 'Billing data could not be loaded', 'error'],
  ])('status %i says: %s', async (status, title, type) => {
    const shown = show('company', () => refused(status, 'In its own words.'));
    await loaded(shown);
    expect(shown.renderer.find(ErrorState).props).toMatchObject({ title, type });
    if (status !== 401) expect(text(shown)).toContain('In its own words.');
  });

  it.each([
    ['forbidden', 'There is no access to billing data'],
    ['not_found', 'Nothing is known about this record'],
    ['wrong_token', 'This changed in the meantime'],
    ['unavailable', 'The billing connector does not answer'],
    ['something_new', 'Billing data could not be loaded'],
  ])('a refusal as %s says: %s', async (code, title) => {
    const shown = show('company', () => ok({ ok: false, error: { code, message: 'In its own words.' } }));
    await loaded(shown);
    expect(shown.renderer.find(ErrorState).props.title).toBe(title);
    expect(text(shown)).toContain('In its own words.');
  });

  it('reads the status that HubSpot’s proxy wraps', async () => {
    const wrapped = {
      category: 'BAD_GATEWAY',
      message: 'proxy',
      context: { appServerStatusCode: ['403'] },
      responseBody: '{"message":"Only finance sees this."}',
    };
    const shown = show('company', () => ({ status: 502, body: wrapped }));
    await loaded(shown);
    expect(shown.renderer.find(ErrorState).props.type).toBe('lock');
    expect(text(shown)).toContain('Only finance sees this.');
  });

  it.each([
    ['no connection', new TypeError('network')],
    ['no JSON', { status: 200, text: '<html>' }],
    ['no object', { status: 200, text: '"hm"' }],
  ] as const)('survives %s and loads when asked again', async (_what, answer) => {
    const shown = show('company', (_call, index) => (index === 0 ? answer : ok(card('company_in_sync'))));
    await loaded(shown);
    plainButton(shown, 'Try again').trigger('onClick');
    await settled(shown, () => {
      expect(shown.renderer.find(StatusTag).text).toBe('In sync');
    });
  });

  it('keeps what it shows when a refresh fails', async () => {
    const shown = show('company', (_call, index) => (index === 0 ? ok(card('company_in_sync')) : refused(503)));
    await loaded(shown);
    plainButton(shown, 'Refresh').trigger('onClick');
    await settled(shown, () => {
      expect(shown.renderer.find(Alert).props.title).toBe('The card could not be renewed');
    });
    expect(shown.renderer.find(StatusTag).text).toBe('In sync');
  });
});

describe('sync buttons', () => {
  const cases = [
    ['company', 'Sync Company with Deals', 'with_deals'],
    ['company', 'Sync Company and Contacts Only', 'record_only'],
    ['deal', 'Sync Deal', 'record_only'],
  ] as const;

  it.each(cases)(
    '%s: "%s" asks for %s, works, ends, says so and refreshes the properties',
    async (object, label, scope) => {
      let looks = 0;
      const shown = show(object, (call) => {
        if (isSync(call)) return ok({ requestId: 'r-1' });
        looks += 1;
        return ok(card(looks === 2 || looks === 3 ? `${object}_working` : `${object}_in_sync`));
      });
      await loaded(shown);
      button(shown, label).trigger('onClick');
      await settled(shown, () => {
        expect(shown.renderer.find(StatusTag).text).toBe('Working');
        expect(button(shown, label).props.disabled).toBe(true);
      });
      await settled(shown, () => {
        expect(shown.host.alerts).toHaveLength(1);
      });
      expect(shown.host.alerts[0]).toMatchObject({ type: 'success', title: 'Synced' });
      expect(shown.renderer.findAll(Alert).some((alert) => alert.props.title === 'Synced')).toBe(true);
      expect(shown.host.refreshes).toBe(1);
      expect(looks).toBe(4);
      const syncs = shown.calls.filter(isSync);
      expect(syncs).toHaveLength(1);
      expect(syncs[0]?.body).toMatchObject({
        scope,
        requestKey: expect.stringMatching(new RegExp(`^${object}-`)) as string,
      });
      await settled(shown, () => {
        expect(button(shown, label).props.disabled).toBe(false);
      });
    },
  );

  it('sends one request for ten presses, and each later press has a key of its own', async () => {
    const shown = show('deal', (call) => (isSync(call) ? ok({ requestId: 'r' }) : ok(card('deal_in_sync'))));
    await loaded(shown);
    const pressed = button(shown, 'Sync Deal');
    for (let press = 0; press < 10; press += 1) pressed.trigger('onClick');
    await settled(shown, () => {
      expect(shown.host.alerts).toHaveLength(1);
    });
    expect(shown.calls.filter(isSync)).toHaveLength(1);
    await settled(shown, () => {
      expect(button(shown, 'Sync Deal').props.disabled).toBe(false);
    });
    button(shown, 'Sync Deal').trigger('onClick');
    await settled(shown, () => {
      expect(shown.host.alerts).toHaveLength(2);
    });
    const keys = shown.calls.filter(isSync).map((call) => call.body?.['requestKey']);
    expect(new Set(keys).size).toBe(2);
  });

  it('two buttons pressed at once make one request', async () => {
    const shown = show('company', (call) => (isSync(call) ? 'never' : ok(card('company_in_sync'))));
    await loaded(shown);
    const second = button(shown, 'Sync Company and Contacts Only');
    button(shown, 'Sync Company with Deals').trigger('onClick');
    second.trigger('onClick');
    expect(shown.calls.filter(isSync)).toHaveLength(1);
  });

  it('ends in what needs a person', async () => {
    const shown = show('deal', (call, index) =>
      isSync(call) ? ok({ requestId: 'r' }) : ok(card(index < 2 ? 'deal_in_sync' : 'deal_needs_attention')),
    );
    await loaded(shown);
    button(shown, 'Sync Deal').trigger('onClick');
    await settled(shown, () => {
      expect(shown.host.alerts[0]).toMatchObject({ type: 'danger', title: 'The sync could not finish' });
    });
    expect(shown.host.alerts[0]?.message).toContain('Give both lines the same term');
  });

  it.each([
    [401, 'danger'],
    [403, 'danger'],
    [404, 'danger'],
    [409, 'warning'],
    [500, 'warning'],
    [503, 'warning'],
  ])('a sync refused with %i is said and can be tried again', async (status, type) => {
    const shown = show('deal', (call) => (isSync(call) ? refused(status, 'Not now.') : ok(card('deal_in_sync'))));
    await loaded(shown);
    button(shown, 'Sync Deal').trigger('onClick');
    await settled(shown, () => {
      expect(shown.host.alerts[0]).toMatchObject({ type, title: '“Sync Deal” was not started' });
    });
    await settled(shown, () => {
      expect(button(shown, 'Sync Deal').props.disabled).toBe(false);
    });
    expect(shown.calls.filter(isLook)).toHaveLength(1);
  });

  it('a look that fails does not end the waiting', async () => {
    let looks = 0;
    const shown = show('deal', (call) => {
      if (isSync(call)) return ok({ requestId: 'r' });
      looks += 1;
      return looks === 2 ? refused(502) : ok(card('deal_in_sync'));
    });
    await loaded(shown);
    button(shown, 'Sync Deal').trigger('onClick');
    await settled(shown, () => {
      expect(shown.host.alerts[0]?.title).toBe('Synced');
    });
    expect(looks).toBe(3);
  });

  it('stops asking after its last pause and says that the sync goes on', async () => {
    const shown = show(
      'deal',
      (call) => (isSync(call) ? ok({ requestId: 'r' }) : ok(card('deal_working'))),
      'wide',
      [1, 1, 1],
    );
    await loaded(shown);
    await settled(shown, () => {
      expect(shown.renderer.findAll(Alert).some((alert) => alert.props.title === 'Still working')).toBe(true);
    });
    expect(shown.calls.filter(isLook)).toHaveLength(4);
    expect(shown.renderer.maybeFind(ProgressBar)).toBeNull();
    expect(shown.host.alerts).toHaveLength(0);
  });

  it('follows a sync that somebody else started, says what it waits for, and ends quietly', async () => {
    let looks = 0;
    const shown = show('deal', () => {
      looks += 1;
      return ok(card(looks < 3 ? 'deal_working' : 'deal_in_sync'));
    });
    await settled(shown, () => {
      expect(shown.renderer.find(ProgressBar).props.valueDescription).toBe('Waiting for company 9001001.');
    });
    await settled(shown, () => {
      expect(shown.renderer.find(StatusTag).text).toBe('In sync');
    });
    expect(shown.host.alerts).toHaveLength(0);
    expect(shown.host.refreshes).toBe(1);
  });

  it('looks again when the deal changes on the page, but not into a press', async () => {
    const shown = show('deal', (call) => (isSync(call) ? 'never' : ok(card('deal_in_sync'))));
    await loaded(shown);
    shown.host.propertiesChanged();
    await settled(shown, () => {
      expect(shown.calls).toHaveLength(2);
    });
    button(shown, 'Sync Deal').trigger('onClick');
    shown.host.propertiesChanged();
    expect(shown.calls.filter(isLook)).toHaveLength(2);
  });

  it('pauses grow and end after about three minutes', () => {
    expect([...PAUSES_MS]).toEqual([...PAUSES_MS].sort((a, b) => a - b));
    const all = PAUSES_MS.reduce((sum, pause) => sum + pause, 0);
    expect(all).toBeGreaterThan(120_000);
    expect(all).toBeLessThan(240_000);
  });
});

describe('preview', () => {
  const press = async (name: string, layout: Layout = 'wide'): Promise<Shown> => {
    const shown = show(
      'deal',
      (call) => (call.method === 'POST' ? ok(preview(name)) : ok(card('deal_in_sync'))),
      layout,
    );
    await loaded(shown);
    button(shown, 'Preview').trigger('onClick');
    await settled(shown, () => {
      expect(text(shown)).toContain('Preview: Fjordlys 40 seats');
    });
    return shown;
  };

  it('shows steps, orders and the first invoices, and closes', async () => {
    const shown = await press('won');
    expect(text(shown)).toContain('What a sync would do, in this order');
    expect(text(shown)).toContain('Invoice of 16 Nov 2026');
    expect(text(shown)).toContain('NOK 132,250.00');
    expect(shown.calls.at(-1)?.url.pathname).toBe('/cards/deal/7001/preview');
    plainButton(shown, 'Close preview').trigger('onClick');
    expect(text(shown)).not.toContain('Preview: Fjordlys 40 seats');
  });

  it('has no table at the width of a sidebar', async () => {
    const shown = await press('won', 'narrow');
    expect(text(shown)).toContain('NOK 132,250.00');
    expect(shown.renderer.maybeFind(Table)).toBeNull();
  });

  it('says that a deal is not won, and why there are no invoices', async () => {
    const shown = await press('not_won');
    expect(text(shown)).toContain('This is what would be ordered if it were won now.');
    expect(text(shown)).toContain('Zuora calculates invoices only for accounts that exist');
  });

  it('shows problems', async () => {
    expect(text(await press('problems'))).toContain('HZ0305');
  });

  it('says when there is nothing to do', async () => {
    expect(text(await press('nothing_to_do'))).toContain('Zuora already has what the deal says.');
  });

  it('says why there is none', async () => {
    const shown = show('deal', (call) =>
      call.method === 'POST' ? refused(503, 'Zuora is busy.') : ok(card('deal_in_sync')),
    );
    await loaded(shown);
    button(shown, 'Preview').trigger('onClick');
    await settled(shown, () => {
      expect(shown.host.alerts[0]).toMatchObject({ title: 'There is no preview', message: 'Zuora is busy.' });
    });
  });
});

describe('confirmation of a cancellation', () => {
  const answer =
    (confirmed: Answer) =>
    (call: Call, index: number): Answer => {
      if (call.url.pathname.endsWith('/confirm')) return confirmed;
      return ok(card(index === 0 ? 'deal_cancellation' : 'deal_in_sync'));
    };

  it('takes two steps and sends the token of what was shown', async () => {
    const shown = show('deal', answer(ok({ state: 'working' })));
    await loaded(shown);
    plainButton(shown, 'Confirm cancellation').trigger('onClick');
    expect(shown.calls).toHaveLength(1);
    button(shown, 'Yes, cancel the subscription').trigger('onClick');
    await settled(shown, () => {
      expect(shown.host.alerts[0]?.title).toBe('Synced');
    });
    const confirms = shown.calls.filter((call) => call.url.pathname === '/cards/deal/7001/confirm');
    expect(confirms.map((call) => call.body)).toEqual([{ kind: 'cancellation', token: 'c-7001-1' }]);
  });

  it('can be left at the second step', async () => {
    const shown = show('deal', answer('never'));
    await loaded(shown);
    plainButton(shown, 'Confirm cancellation').trigger('onClick');
    plainButton(shown, 'No, keep it').trigger('onClick');
    expect(plainButton(shown, 'Confirm cancellation').props.disabled).toBe(false);
    expect(shown.calls).toHaveLength(1);
  });

  it('is pressed once', async () => {
    const shown = show('deal', answer('never'));
    await loaded(shown);
    plainButton(shown, 'Confirm cancellation').trigger('onClick');
    const yes = button(shown, 'Yes, cancel the subscription');
    yes.trigger('onClick');
    yes.trigger('onClick');
    expect(shown.calls).toHaveLength(2);
  });

  it('is closed to those who may not', async () => {
    const shown = await shownAs('deal_cancellation_forbidden');
    expect(plainButton(shown, 'Confirm cancellation').props.disabled).toBe(true);
    expect(text(shown)).toContain("Only people on the connector's list may confirm a cancellation.");
  });

  it('says a refusal in the connector’s words', async () => {
    const shown = show('deal', answer(refused(403, 'You may not confirm.')));
    await loaded(shown);
    plainButton(shown, 'Confirm cancellation').trigger('onClick');
    button(shown, 'Yes, cancel the subscription').trigger('onClick');
    await settled(shown, () => {
      expect(shown.host.alerts[0]).toMatchObject({ type: 'danger', message: 'You may not confirm.' });
    });
  });

  it.each([
    ['status 409', refused(409, 'The cancellation changed.')],
    ['a refusal', ok({ ok: false, error: { code: 'wrong_token', message: 'The cancellation changed.' } })],
  ])('loads again when the cancellation was another one by then: %s', async (_what, given) => {
    const shown = show('deal', answer(given));
    await loaded(shown);
    plainButton(shown, 'Confirm cancellation').trigger('onClick');
    button(shown, 'Yes, cancel the subscription').trigger('onClick');
    await settled(shown, () => {
      expect(shown.calls.filter(isLook)).toHaveLength(2);
      expect(shown.host.alerts[0]).toMatchObject({ type: 'warning', message: 'The cancellation changed.' });
    });
  });
});

describe('lists', () => {
  const tab = (shown: Shown, name: string) =>
    shown.renderer.find(Tab, (node) => node.props.title?.startsWith(name) === true);
  const paged = (second: (attempt: number) => Answer): ((call: Call) => Answer) => {
    let attempt = 0;
    return (call) => {
      if (!isList(call)) return ok(card('company_in_sync'));
      attempt += 1;
      return second(attempt);
    };
  };

  it('turns to the next page', async () => {
    const shown = show(
      'company',
      paged(() => ok(list('invoices_page_2'))),
    );
    await loaded(shown);
    expect(tab(shown, 'Invoices').find(Table).props).toMatchObject({ paginated: true, page: 1, pageCount: 2 });
    expect(text(shown)).toContain('Showing 1–10 of at least 11');
    tab(shown, 'Invoices')
      .find(Table)
      .trigger('onPageChange' as never, 2 as never);
    await settled(shown, () => {
      expect(text(shown)).toContain('Showing 11–14 of 14');
    });
    const asked = shown.calls.filter(isList);
    expect(
      asked.map((call) => `${call.url.searchParams.get('list') ?? ''} ${call.url.searchParams.get('page') ?? ''}`),
    ).toEqual(['invoices 2']);
  });

  it('keeps the page and offers another try when the next one fails', async () => {
    const shown = show(
      'company',
      paged((attempt) => (attempt === 1 ? refused(503, 'Busy.') : ok(list('invoices_page_2')))),
    );
    await loaded(shown);
    tab(shown, 'Invoices')
      .find(Table)
      .trigger('onPageChange' as never, 2 as never);
    await settled(shown, () => {
      expect(tab(shown, 'Invoices').find(Alert).props.title).toBe('This page could not be loaded');
    });
    tab(shown, 'Invoices').find(Button).trigger('onClick');
    await settled(shown, () => {
      expect(text(shown)).toContain('Showing 11–14 of 14');
    });
  });

  it('pages with buttons at the width of a sidebar, without tables', async () => {
    const calls = connector((call) => (isList(call) ? ok(list('invoices_page_2')) : ok(card('company_in_sync'))));
    const renderer = createRenderer('crm.record.tab');
    renderer.render(
      <BillingCard object="company" layout="narrow" context={context('company')} actions={host()} pauses={QUICK} />,
    );
    const invoices = () => renderer.find(Accordion, (node) => node.props.title.startsWith('Invoices'));
    await renderer.waitFor(() => {
      invoices();
    });
    expect(renderer.maybeFind(Table)).toBeNull();
    expect(renderer.maybeFind(Statistics)).toBeNull();
    expect(invoices().findAll(Link)).toHaveLength(5);
    invoices()
      .find(Button, (node) => node.text === 'Show 5 more')
      .trigger('onClick');
    expect(invoices().findAll(Link)).toHaveLength(10);
    expect(invoices().find(Button, (node) => node.text === 'Newer').props.disabled).toBe(true);
    invoices()
      .find(Button, (node) => node.text === 'Older')
      .trigger('onClick');
    await renderer.waitFor(() => {
      expect(invoices().toString()).toContain('Showing 11–14 of 14');
    });
    expect(calls.filter(isList)).toHaveLength(1);
  });

  it('sorts what is on the page by value and says so', async () => {
    const shown = await shownAs('company_in_sync');
    const amount = () => tab(shown, 'Invoices').find(TableHeader, (node) => node.text === 'Amount');
    const numbers = (): (string | null)[] =>
      tab(shown, 'Invoices')
        .findAll(Link)
        .map((link) => link.text);
    amount().trigger('onSortChange' as never, 'ascending' as never);
    expect(numbers().at(-1)).toBe('INV00001241');
    expect(amount().props.sortDirection).toBe('ascending');
    expect(text(shown)).toContain('Showing 1–10 of at least 11, sorted within this page');
    amount().trigger('onSortChange' as never, 'descending' as never);
    expect(numbers()[0]).toBe('INV00001241');
  });

  it('marks an overdue invoice', async () => {
    const shown = await shownAs('company_needs_attention');
    expect(tab(shown, 'Invoices').find(StatusTag, (node) => node.text === 'Overdue').props.variant).toBe('danger');
    expect(shown.renderer.find(Tag, (node) => node.text === 'Overdue: NOK 4,875.00').props.variant).toBe('error');
  });

  it('loads a late list when asked, and names the ones that the tenant does not have', async () => {
    const shown = show('company', (call) => (isList(call) ? ok(list('payments_page_1')) : ok(card('company_late'))));
    await loaded(shown);
    expect(shown.renderer.findAll(Tab).map((node) => node.props.title)).toEqual([
      'Subscriptions (3)',
      'Orders (3)',
      'Invoices (11+)',
      'Payments',
    ]);
    expect(text(shown)).toContain('Not used in this Zuora tenant: credit memos, debit memos.');
    expect(text(shown)).toContain('Zuora has not answered in time for: payments.');
    tab(shown, 'Payments').find(Button).trigger('onClick');
    await settled(shown, () => {
      expect(tab(shown, 'Payments').find(Text, (node) => node.text === 'Showing all 3')).toBeDefined();
    });
  });
});
