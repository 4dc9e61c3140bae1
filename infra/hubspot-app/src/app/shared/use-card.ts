// The life of a card: load, act, follow a sync until it is done, load again. Every state that a person can see is a
// value in here; the components only draw it.

import { useCallback, useEffect, useRef, useState } from 'react';
import {
  asFailure,
  type CallFailed,
  confirmCancellation,
  fetchCard,
  newRequestKey,
  requestPreview,
  requestSync,
  type Subject,
} from './api';
import type { Action, CardView, Preview } from './view-model';

/** What HubSpot lets a card do on the record's page. */
export interface CardActions {
  addAlert: (alert: {
    title?: string;
    message: string;
    type?: 'info' | 'warning' | 'success' | 'danger' | 'tip';
  }) => void;
  refreshObjectProperties: () => void;
  onCrmPropertiesUpdate: (properties: string[] | '*', callback: () => void) => void;
}

/**
 * Pauses between two looks while a sync runs, in milliseconds: soon at first, because most take two seconds, then
 * rarer. After the last one the card stops asking, about three minutes in; the sync itself goes on without it.
 */
export const PAUSES_MS: readonly number[] = [
  1_000, 1_500, 2_000, 3_000, 5_000, 8_000, 10_000, 15_000, 20_000, 30_000, 40_000, 45_000,
];

/** The result of the last press, said on the card itself. */
export interface Said {
  tone: 'success' | 'warning' | 'danger' | 'info';
  title: string;
  text: string;
}

export type Loaded =
  | { phase: 'loading' }
  | { phase: 'failed'; failure: CallFailed }
  | { phase: 'ready'; view: CardView };

/** How far following a running sync has come; null while nothing is followed. */
export interface Progress {
  looks: number;
  of: number;
  gaveUp: boolean;
}

export interface Card {
  loaded: Loaded;
  refreshing: boolean;
  refreshFailed: CallFailed | null;
  /** The button that was pressed and has not come to its end. */
  busy: string | null;
  progress: Progress | null;
  said: Said | null;
  preview: Preview | null;
  press: (action: Action) => void;
  confirm: (token: string) => void;
  closePreview: () => void;
  dismiss: () => void;
  refresh: () => void;
}

/** Properties whose change on the page means that the card is out of date. */
const TELLING_PROPERTIES = ['dealstage', 'zuora_sync_status', 'zuora_last_synced_at'];

function outcome(view: CardView): Said {
  switch (view.state) {
    case 'needs_attention': {
      const [first] = view.sync.problems;
      return {
        tone: 'danger',
        title: 'The sync could not finish',
        text: first === undefined ? view.headline : `${first.title} ${first.fix}`,
      };
    }
    case 'unavailable':
      return { tone: 'warning', title: 'Zuora does not answer', text: 'The sync waits and goes on by itself.' };
    case 'not_linked':
    case 'no_rights':
      return { tone: 'warning', title: 'Nothing was synced', text: view.sync.missing[0] ?? view.headline };
    case 'working':
      return {
        tone: 'info',
        title: 'The sync goes on',
        text: 'It takes longer than usual and goes on by itself. Look again later.',
      };
    case 'in_sync':
      return { tone: 'success', title: 'Synced', text: 'Zuora has what HubSpot says.' };
    default:
      return { tone: 'info', title: 'The sync ended', text: view.headline };
  }
}

function said(failure: CallFailed, what: string): Said {
  return {
    tone: failure.kind === 'down' || failure.kind === 'conflict' ? 'warning' : 'danger',
    title: what,
    text: failure.message,
  };
}

/** The card of one record. */
export function useCard(subject: Subject, actions: CardActions, pauses: readonly number[] = PAUSES_MS): Card {
  const [loaded, setLoaded] = useState<Loaded>({ phase: 'loading' });
  const [refreshing, setRefreshing] = useState(false);
  const [refreshFailed, setRefreshFailed] = useState<CallFailed | null>(null);
  const [busy, setBusy] = useState<string | null>(null);
  const [progress, setProgress] = useState<Progress | null>(null);
  const [result, setResult] = useState<Said | null>(null);
  const [preview, setPreview] = useState<Preview | null>(null);
  // State changes reach the screen later than a second click does; this one is read and written at once.
  const pressed = useRef(false);
  // Grows when the card is closed or a newer look starts; whoever holds an older number keeps quiet.
  const generation = useRef(0);
  const timer = useRef<ReturnType<typeof setTimeout> | null>(null);
  // HubSpot may hand over new objects at any time; what runs for minutes must neither start anew nor use old ones.
  const host = useRef(actions);
  const waits = useRef(pauses);
  useEffect(() => {
    host.current = actions;
    waits.current = pauses;
  });
  const { object, id } = subject;
  const { locale, timezone } = subject.reader;

  const me = useCallback((): Subject => ({ object, id, reader: { locale, timezone } }), [object, id, locale, timezone]);

  const tell = useCallback((what: Said) => {
    setResult(what);
    host.current.addAlert({ type: what.tone, title: what.title, message: what.text });
  }, []);

  /** Looks until the sync is over or the pauses are used up. `announce` says whether somebody here waits for the end. */
  const follow = useCallback(
    async (announce: boolean): Promise<void> => {
      generation.current += 1;
      const mine = generation.current;
      let last: CardView | null = null;
      const all = waits.current;
      for (const [index, pause] of all.entries()) {
        setProgress({ looks: index, of: all.length, gaveUp: false });
        await new Promise<void>((resolve) => {
          timer.current = setTimeout(resolve, pause);
        });
        if (generation.current !== mine) return;
        try {
          last = await fetchCard(me());
        } catch {
          // One look that fails is no end: the sync runs on the other side, the next look may succeed.
          continue;
        }
        if (generation.current !== mine) return;
        setLoaded({ phase: 'ready', view: last });
        setRefreshFailed(null);
        if (last.state !== 'working') {
          setProgress(null);
          if (announce) tell(outcome(last));
          host.current.refreshObjectProperties();
          return;
        }
      }
      setProgress({ looks: all.length, of: all.length, gaveUp: true });
      if (announce) {
        tell({
          tone: 'info',
          title: 'The sync goes on',
          text: 'It takes longer than usual and goes on by itself. Press Refresh later to see the result.',
        });
      }
    },
    [me, tell],
  );

  const load = useCallback(async (): Promise<void> => {
    generation.current += 1;
    const mine = generation.current;
    setRefreshing(true);
    try {
      const view = await fetchCard(me());
      if (generation.current !== mine) return;
      setLoaded({ phase: 'ready', view });
      setRefreshFailed(null);
      setProgress(null);
      if (view.state === 'working') void follow(false);
    } catch (thrown) {
      if (generation.current !== mine) return;
      const failure = asFailure(thrown);
      // What is on the screen stays; a person sees that it could not be renewed.
      setLoaded((before) => (before.phase === 'ready' ? before : { phase: 'failed', failure }));
      setRefreshFailed(failure);
    } finally {
      setRefreshing(false);
    }
  }, [follow, me]);

  useEffect(() => {
    void load();
    host.current.onCrmPropertiesUpdate(TELLING_PROPERTIES, () => {
      if (!pressed.current) void load();
    });
    return () => {
      generation.current += 1;
      if (timer.current !== null) clearTimeout(timer.current);
    };
  }, [load]);

  /** Runs one press to its end; a press while another runs does nothing. */
  const once = useCallback((name: string, run: () => Promise<void>): void => {
    if (pressed.current) return;
    pressed.current = true;
    setBusy(name);
    setResult(null);
    void run().finally(() => {
      pressed.current = false;
      setBusy(null);
    });
  }, []);

  const press = useCallback(
    (action: Action): void => {
      if (!action.enabled) return;
      const { id: which, label } = action;
      switch (which) {
        case 'preview':
          once(which, async () => {
            try {
              setPreview(await requestPreview(me()));
            } catch (thrown) {
              tell(said(asFailure(thrown), 'There is no preview'));
            }
          });
          return;
        case 'sync_with_deals':
        case 'sync_record_only':
        case 'sync_deal': {
          const requestKey = newRequestKey(me());
          const scope = which === 'sync_with_deals' ? 'with_deals' : 'record_only';
          once(which, async () => {
            try {
              await requestSync(me(), scope, requestKey);
            } catch (thrown) {
              tell(said(asFailure(thrown), `“${label}” was not started`));
              return;
            }
            setPreview(null);
            await follow(true);
          });
          return;
        }
        case 'confirm':
          return;
      }
    },
    [follow, me, once, tell],
  );

  const confirm = useCallback(
    (token: string): void => {
      once('confirm', async () => {
        try {
          await confirmCancellation(me(), token);
        } catch (thrown) {
          const failure = asFailure(thrown);
          tell(said(failure, 'The cancellation was not confirmed'));
          if (failure.kind === 'conflict') await load();
          return;
        }
        await follow(true);
      });
    },
    [follow, load, me, once, tell],
  );

  const refresh = useCallback((): void => {
    setResult(null);
    void load();
  }, [load]);

  return {
    loaded,
    refreshing,
    refreshFailed,
    busy,
    progress,
    said: result,
    preview,
    press,
    confirm,
    closePreview: useCallback(() => {
      setPreview(null);
    }, []),
    dismiss: useCallback(() => {
      setResult(null);
    }, []),
    refresh,
  };
}
