// The gallery: the cards and pages of the HubSpot app in a plain page, on fixtures or on the running connector.
//
//   ?fixture=needs_attention&object=deal&width=sidebar     one state
//   ?page=health&fixture=failures                          a page of the app
//   ?live=1&object=deal&id=7001&width=tab                  the running connector
//   &bare=1                                                without the gallery's own frame, for screenshots

import { type ReactNode, useEffect, useState } from 'react';
import { BillingCard } from '../src/app/shared/BillingCard';
import { Health } from '../src/app/shared/Health';
import { Settings } from '../src/app/shared/Settings';
import type { CardActions } from '../src/app/shared/use-card';
import { answerWith, fixed, live } from './backend';
import { fixtures } from './fixtures';
import { mount } from './runtime';

const asked = new URLSearchParams(location.search);
const object = asked.get('object') === 'deal' ? 'deal' : 'company';
const isLive = asked.has('live');
const page = asked.get('page');
const width = asked.get('width') === 'sidebar' ? 'sidebar' : asked.get('width') === 'preview' ? 'preview' : 'tab';
const FIRST: Readonly<Record<string, string>> = { health: 'failures', settings: 'sound' };
const fixture = asked.get('fixture') ?? FIRST[page ?? ''] ?? 'in_sync';
const KNOWN = { company: '9001001', deal: '7001' };
const id = asked.get('id') ?? KNOWN[object];
const bare = asked.has('bare');

answerWith(isLive ? live : fixed(fixture, object));

const context = {
  crm: { objectId: Number(id) },
  user: { locale: asked.get('locale') ?? 'en' },
  portal: { timezone: asked.get('timezone') ?? 'Europe/Oslo' },
};

interface Toast {
  title?: string;
  message: string;
  type?: string;
}

/** Who shows an alert that a card asks for. */
const toasts: { show: (toast: Toast) => void } = { show: () => undefined };

const actions: CardActions = {
  addAlert: (alert) => {
    toasts.show(alert);
  },
  refreshObjectProperties: () => undefined,
  onCrmPropertiesUpdate: () => undefined,
};

const reader = { locale: context.user.locale, timezone: context.portal.timezone };

const Shown = (): ReactNode => {
  if (page === 'health') return <Health reader={reader} addAlert={actions.addAlert} />;
  if (page === 'settings') return <Settings reader={reader} addAlert={actions.addAlert} />;
  return (
    <BillingCard object={object} layout={width === 'tab' ? 'wide' : 'narrow'} context={context} actions={actions} />
  );
};

const Toasts = (): ReactNode => {
  const [toast, setToast] = useState<Toast | null>(null);
  useEffect(() => {
    toasts.show = (given) => {
      setToast(given);
      setTimeout(() => {
        setToast((now) => (now === given ? null : now));
      }, 4000);
    };
  }, []);
  if (toast === null || bare) return null;
  return (
    <div className={`toast toast-${toast.type ?? 'info'}`} role="status">
      <strong>{toast.title}</strong> {toast.message}
    </div>
  );
};

const link = (values: Record<string, string>): string => `?${new URLSearchParams(values).toString()}`;

const states = (of: string): string[] =>
  Object.keys(fixtures)
    .filter((key) => key.startsWith(`cards/${of}_`))
    .map((key) => key.slice(`cards/${of}_`.length))
    .concat('loading', 'error_401', 'error_503');

const words = (name: string): string => name.replaceAll('_', ' ');

const Choice = ({ to, here, children }: { to: string; here: boolean; children: ReactNode }) => (
  <a className="choice" href={to} aria-current={here ? 'page' : undefined}>
    {children}
  </a>
);

const Live = (): ReactNode => (
  <form className="live" method="get">
    <input type="hidden" name="live" value="1" />
    <input type="hidden" name="width" value={width} />
    <label>
      Record{' '}
      <select name="object">
        <option value="company" selected={object === 'company'}>
          company
        </option>
        <option value="deal" selected={object === 'deal'}>
          deal
        </option>
      </select>
    </label>
    <label>
      Id <input name="id" value={id} size={12} inputMode="numeric" />
    </label>
    <button type="submit">Show</button>
  </form>
);

const Navigation = (): ReactNode => (
  <nav className="nav">
    <h1>Billing cards</h1>
    <h2>Running connector</h2>
    <Live />
    <Choice to={link({ live: '1', page: 'health' })} here={isLive && page === 'health'}>
      system health
    </Choice>
    <Choice to={link({ live: '1', page: 'settings' })} here={isLive && page === 'settings'}>
      settings
    </Choice>
    {(['company', 'deal'] as const).map((of) => (
      <div key={of}>
        <h2>{of === 'company' ? 'Company, from fixtures' : 'Deal, from fixtures'}</h2>
        {states(of).map((state) => (
          <Choice
            key={state}
            to={link({ fixture: state, object: of, width })}
            here={!isLive && page === null && object === of && fixture === state}
          >
            {words(state)}
          </Choice>
        ))}
      </div>
    ))}
    <h2>Pages, from fixtures</h2>
    {['health failures', 'health quiet', 'settings sound', 'settings problems'].map((name) => {
      const [which = '', state = ''] = name.split(' ');
      return (
        <Choice
          key={name}
          to={link({ page: which, fixture: state })}
          here={!isLive && page === which && fixture === state}
        >
          {name}
        </Choice>
      );
    })}
  </nav>
);

const Widths = (): ReactNode => {
  const now = Object.fromEntries(asked.entries());
  return (
    <div className="widths">
      {['tab', 'sidebar', 'preview'].map((one) => (
        <Choice key={one} to={link({ object, fixture, ...now, width: one })} here={width === one}>
          {one === 'preview' ? 'preview panel' : one}
        </Choice>
      ))}
    </div>
  );
};

const frame = page === null ? `card card-${width}` : 'card card-page';

const Title = (): ReactNode =>
  page === null ? (
    <div className="card-name">Billing</div>
  ) : (
    <h2 className="page-name">{page === 'health' ? 'System Health' : 'Settings'}</h2>
  );

const Gallery = (): ReactNode => (
  <div className={bare ? 'bare' : 'gallery'}>
    {bare ? null : <Navigation />}
    <main>
      {bare || page !== null ? null : <Widths />}
      <section className={frame}>
        <Title />
        <Shown />
      </section>
    </main>
    <Toasts />
  </div>
);

const root = document.getElementById('root');
if (root !== null) mount(root, () => ({ type: Gallery as never, props: {}, key: null }));
