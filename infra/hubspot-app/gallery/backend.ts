// Who answers the cards in the gallery: fixtures, or the running connector through the demo's own small proxy.

import { CONNECTOR_URL } from '../src/app/shared/connector-url';
import type { CardView } from '../src/app/shared/view-model';
import { fixtures } from './fixtures';

export type Backend = (
  path: string,
  query: URLSearchParams,
  method: string,
  body: Record<string, unknown> | undefined,
) => Promise<Response>;

let backend: Backend = () => Promise.resolve(json(500, { message: 'The gallery has no backend.' }));

export function answerWith(chosen: Backend): void {
  backend = chosen;
}

/** The gallery's answer to `hubspot.fetch`. */
export function answer(url: string, method: string, body: Record<string, unknown> | undefined): Promise<Response> {
  const { pathname, searchParams } = new URL(url.startsWith(CONNECTOR_URL) ? url : CONNECTOR_URL);
  return backend(pathname, searchParams, method, body);
}

function json(status: number, body: unknown): Response {
  return new Response(JSON.stringify(body), { status, headers: { 'content-type': 'application/json' } });
}

const soon = (response: Response): Promise<Response> =>
  new Promise((resolve) => {
    setTimeout(() => {
      resolve(response);
    }, 120);
  });

/** The running connector: the demo signs these requests as HubSpot would. */
export const live: Backend = (path, query, method, body) =>
  fetch(`api${path}${query.size === 0 ? '' : `?${query.toString()}`}`, {
    method,
    ...(body === undefined ? {} : { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
  });

/** How many looks a sync takes in the gallery. */
const LOOKS = 2;

/** Answers from fixtures. A sync that is asked for here "works" for a moment and ends in sync. */
export function fixed(name: string, object: 'company' | 'deal'): Backend {
  let looks = -1;
  return async (path, query, method) => {
    if (name === 'loading') return new Promise<Response>(() => undefined);
    if (path === '/settings') return soon(json(200, fixtures[`pages/settings_${name}`]));
    if (path.startsWith('/system-health'))
      return soon(json(200, method === 'POST' ? { retried: 1 } : fixtures[`pages/health_${name}`]));
    const status = /^error_(\d+)$/.exec(name)?.[1];
    if (status !== undefined) return soon(json(Number(status), { message: MESSAGES[status] ?? 'Something is wrong.' }));
    if (method === 'POST') {
      if (path.endsWith('/preview')) return soon(json(200, fixtures[`previews/${PREVIEWS[name] ?? 'won'}`]));
      looks = LOOKS;
      return soon(json(200, path.endsWith('/confirm') ? { state: 'working' } : { requestId: 'gallery-1' }));
    }
    const view = fixtures[`cards/${object}_${name}`] as CardView | undefined;
    if (query.has('list')) {
      const list = query.get('list') ?? '';
      const page = query.get('page') ?? '1';
      const whole = fixtures[`cards/${object}_in_sync`] as CardView;
      return soon(
        json(
          200,
          fixtures[`lists/${list}_page_${page}`] ?? { list, data: whole.lists[list as keyof CardView['lists']] },
        ),
      );
    }
    if (looks < 0)
      return view === undefined ? json(404, { message: `There is no fixture ${object}_${name}.` }) : json(200, view);
    looks -= 1;
    return soon(json(200, fixtures[`cards/${object}_${looks < 0 ? 'in_sync' : 'working'}`]));
  };
}

const PREVIEWS: Readonly<Record<string, string>> = {
  not_linked: 'not_won',
  needs_attention: 'problems',
  unavailable: 'nothing_to_do',
};

const MESSAGES: Readonly<Record<string, string>> = {
  401: 'The request did not come from HubSpot.',
  403: 'You may not see billing data.',
  404: 'No such record.',
  503: 'The connector is being updated. Look again in a minute.',
};
