// A small stand-in for React, enough to draw the cards in a plain page: function components, keys, fragments, and the
// hooks that the cards use. It is here so that the built gallery holds our own code alone and stays small.
// Not here: context, refs to elements, classes, portals, concurrent drawing. The cards do not use them.

export type Key = string | number | null;
type Component = (props: Record<string, unknown>) => Drawn;
export type Drawn = VNode | string | number | boolean | null | undefined | Drawn[];

export const Fragment = Symbol('fragment');

/** What text is an instance of. */
const TEXT = Symbol('text');

export interface VNode {
  type: string | Component | symbol;
  props: Record<string, unknown>;
  key: Key;
}

interface Hook {
  value: unknown;
  deps?: readonly unknown[] | undefined;
  cleanup?: (() => void) | undefined;
}

interface Instance {
  type: VNode['type'];
  key: Key;
  children: Instance[];
  hooks: Hook[];
  dom: Element | Text | null;
  listeners: Record<string, EventListener>;
}

const SVG = 'http://www.w3.org/2000/svg';

let rendering: { instance: Instance; next: number } | null = null;
let effects: (() => void)[] = [];
let draw: (() => void) | null = null;
let scheduled = false;

function schedule(): void {
  if (scheduled) return;
  scheduled = true;
  queueMicrotask(() => {
    scheduled = false;
    draw?.();
  });
}

function isNode(drawn: Drawn): drawn is VNode {
  return typeof drawn === 'object' && drawn !== null && !Array.isArray(drawn);
}

/** What is drawn, as a flat list without the nothings; keys of nested lists are made unique by their place. */
function flat(drawn: Drawn, prefix = ''): { node: VNode | string; key: string }[] {
  if (drawn === null || drawn === undefined || typeof drawn === 'boolean') return [];
  if (Array.isArray(drawn))
    return drawn.flatMap((part, index) =>
      flat(part, `${prefix}.${isNode(part) && part.key !== null ? `$${String(part.key)}` : String(index)}`),
    );
  if (isNode(drawn)) return [{ node: drawn, key: drawn.key === null ? prefix : `${prefix}$${String(drawn.key)}` }];
  return [{ node: String(drawn), key: prefix }];
}

function unmount(instance: Instance): void {
  for (const hook of instance.hooks) hook.cleanup?.();
  instance.children.forEach(unmount);
}

/** Names that React spells in another way than the page does. */
const NAMES: Readonly<Record<string, string>> = {
  className: 'class',
  strokeWidth: 'stroke-width',
  textAnchor: 'text-anchor',
};

function setProps(
  instance: Instance,
  dom: Element,
  before: Record<string, unknown>,
  after: Record<string, unknown>,
): void {
  for (const name of new Set([...Object.keys(before), ...Object.keys(after)])) {
    const value = after[name];
    if (name === 'children' || Object.is(before[name], value)) continue;
    if (/^on[A-Z]/.test(name)) {
      const event = name.slice(2).toLowerCase();
      const old = instance.listeners[event];
      if (old !== undefined) dom.removeEventListener(event, old);
      if (typeof value === 'function') {
        const listener = value as EventListener;
        instance.listeners[event] = listener;
        dom.addEventListener(event, listener);
      }
    } else if (name === 'style') {
      dom.setAttribute(
        'style',
        Object.entries((value ?? {}) as Record<string, string>)
          .map(([key, text]) => `${key}:${text}`)
          .join(';'),
      );
    } else if (value === null || value === undefined || value === false) {
      dom.removeAttribute(NAMES[name] ?? name);
    } else {
      dom.setAttribute(
        NAMES[name] ?? name,
        typeof value === 'string' ? value : typeof value === 'number' ? String(value) : '',
      );
    }
  }
}

const drawnProps = new WeakMap<Instance, Record<string, unknown>>();

function domOf(instance: Instance): (Element | Text)[] {
  return instance.dom === null ? instance.children.flatMap(domOf) : [instance.dom];
}

function place(parent: Element, wanted: (Element | Text)[]): void {
  let cursor = parent.firstChild;
  for (const node of wanted) {
    if (node === cursor) cursor = cursor.nextSibling;
    else parent.insertBefore(node, cursor);
  }
  while (cursor !== null) {
    const gone = cursor;
    cursor = cursor.nextSibling;
    gone.remove();
  }
}

function update(instance: Instance, node: VNode | string, svg: boolean): void {
  if (typeof node === 'string') {
    instance.dom ??= document.createTextNode(node);
    if (instance.dom.textContent !== node) instance.dom.textContent = node;
    return;
  }
  if (typeof node.type === 'string') {
    const inSvg = svg || node.type === 'svg';
    const dom = (instance.dom ??
      (inSvg ? document.createElementNS(SVG, node.type) : document.createElement(node.type))) as Element;
    instance.dom = dom;
    setProps(instance, dom, drawnProps.get(instance) ?? {}, node.props);
    drawnProps.set(instance, node.props);
    children(instance, node.props['children'] as Drawn, inSvg);
    place(dom, instance.children.flatMap(domOf));
  } else if (typeof node.type === 'function') {
    const outer = rendering;
    rendering = { instance, next: 0 };
    const drawn = node.type(node.props);
    rendering = outer;
    children(instance, drawn, svg);
  } else {
    children(instance, node.props['children'] as Drawn, svg);
  }
}

function children(parent: Instance, drawn: Drawn, svg: boolean): void {
  const before = new Map(parent.children.map((child) => [child.key, child]));
  parent.children = flat(drawn).map(({ node, key }) => {
    const type = typeof node === 'string' ? TEXT : node.type;
    const known = before.get(key);
    const kept = known?.type === type ? known : null;
    if (kept !== null) before.delete(key);
    const instance: Instance = kept ?? { type, key, children: [], hooks: [], dom: null, listeners: {} };
    update(instance, node, svg);
    return instance;
  });
  before.forEach(unmount);
}

/** Draws into an element of the page and keeps it current. */
export function mount(root: Element, make: () => Drawn): void {
  const top: Instance = { type: TEXT, key: null, children: [], hooks: [], dom: root, listeners: {} };
  draw = () => {
    children(top, make(), false);
    place(root, top.children.flatMap(domOf));
    const due = effects;
    effects = [];
    for (const effect of due) effect();
  };
  draw();
}

function hook(first: () => unknown): Hook {
  if (rendering === null) throw new Error('a hook was called outside a component');
  const { instance } = rendering;
  const index = rendering.next;
  rendering.next += 1;
  return (instance.hooks[index] ??= { value: first() });
}

const changed = (before: readonly unknown[] | undefined, after: readonly unknown[] | undefined): boolean =>
  before?.length !== after?.length ||
  after === undefined ||
  after.some((value, index) => !Object.is(value, before?.[index]));

export function useState<T>(initial: T | (() => T)): [T, (next: T | ((before: T) => T)) => void] {
  const kept = hook(() => (typeof initial === 'function' ? (initial as () => T)() : initial));
  const set = (next: T | ((before: T) => T)): void => {
    const value = typeof next === 'function' ? (next as (before: T) => T)(kept.value as T) : next;
    if (Object.is(value, kept.value)) return;
    kept.value = value;
    schedule();
  };
  return [kept.value as T, set];
}

export function useRef<T>(initial: T): { current: T } {
  return hook(() => ({ current: initial })).value as { current: T };
}

export function useMemo<T>(make: () => T, deps: readonly unknown[]): T {
  const kept = hook(() => undefined);
  if (changed(kept.deps, deps)) {
    kept.value = make();
    kept.deps = deps;
  }
  return kept.value as T;
}

export const useCallback = <T>(callback: T, deps: readonly unknown[]): T => useMemo(() => callback, deps);

let ids = 0;
export const useId = (): string =>
  useMemo(() => {
    ids += 1;
    return `id-${String(ids)}`;
  }, []);

export function useEffect(effect: () => (() => void) | undefined, deps?: readonly unknown[]): void {
  const kept = hook(() => undefined);
  if (!changed(kept.deps, deps)) return;
  kept.deps = deps;
  effects.push(() => {
    kept.cleanup?.();
    kept.cleanup = effect() ?? undefined;
  });
}

/** What the compiler makes of JSX. */
export function jsx(type: VNode['type'], props: Record<string, unknown>, key?: Key): VNode {
  return { type, props, key: key ?? null };
}

export const jsxs = jsx;
