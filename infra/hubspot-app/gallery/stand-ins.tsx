// HubSpot's components as plain page elements, for the gallery only. Each takes the props of the original and looks as
// much like it as is useful; what the cards do not use is left out.

import type {
  AccordionProps,
  AlertProps,
  BarChartProps,
  BoxProps,
  ButtonProps,
  DescriptionListItemProps,
  DescriptionListProps,
  DividerProps,
  EmptyStateProps,
  ErrorStateProps,
  FlexProps,
  HeadingProps,
  HubSpotFetchOptions,
  LinkProps,
  ListProps,
  LoadingButtonProps,
  LoadingSpinnerProps,
  ProgressBarProps,
  StatisticsItemProps,
  StatisticsProps,
  StatusTagProps,
  TableCellProps,
  TableHeaderProps,
  TableProps,
  TabProps,
  TabsProps,
  TagProps,
  TextProps,
  TileProps,
} from '@hubspot/ui-extensions';
import { Children, type ReactElement, type ReactNode, useId, useState } from 'react';
import { answer } from './backend';

interface WithChildren {
  children?: ReactNode;
}

const cls = (...names: (string | false | undefined)[]): string =>
  names.filter((name) => name !== false && name !== undefined).join(' ');

/** Sizes have a long and a short name. */
const size = (given: string | undefined, otherwise: string): string =>
  ({ 'extra-small': 'xs', small: 'sm', medium: 'md', large: 'lg', 'extra-large': 'xl' })[given ?? otherwise] ??
  given ??
  otherwise;

export const hubspot = {
  extend: (): void => undefined,
  fetch: (url: string | URL, options?: HubSpotFetchOptions): Promise<Response> =>
    answer(String(url), options?.method ?? 'GET', options?.body),
};

const quiet = (): void => undefined;
export const logger = { debug: quiet, info: quiet, warn: quiet, error: quiet };

const SIGNS: Readonly<Record<string, string>> = {
  info: 'i',
  warning: '!',
  success: '✓',
  error: '!',
  danger: '!',
  tip: 'i',
};

export const Alert = ({ title, variant = 'info', children }: AlertProps) => (
  <div
    className={cls('alert', `alert-${variant === 'error' ? 'danger' : variant}`)}
    role={variant === 'danger' || variant === 'error' ? 'alert' : 'status'}
  >
    <span className="alert-sign" aria-hidden="true">
      {SIGNS[variant]}
    </span>
    <div className="alert-body">
      <div className="alert-title">{title}</div>
      <div>{children}</div>
    </div>
  </div>
);

export const Accordion = ({ title, children, defaultOpen = false, size: given }: AccordionProps) => {
  const [open, setOpen] = useState(defaultOpen);
  const id = useId();
  return (
    <div className={cls('accordion', `accordion-${size(given, 'sm')}`)}>
      <button
        type="button"
        className="accordion-title"
        aria-expanded={open ? 'true' : 'false'}
        aria-controls={id}
        onClick={() => {
          setOpen((before) => !before);
        }}
      >
        <span aria-hidden="true">{open ? '▾' : '▸'}</span> {title}
      </button>
      <div id={id} className="accordion-body" hidden={!open}>
        {children}
      </div>
    </div>
  );
};

const NO_REACTIONS = { openPanel: quiet, closePanel: quiet, openModal: quiet, closeModal: quiet };

export const Button = ({ children, variant = 'secondary', size: given, disabled = false, onClick }: ButtonProps) => (
  <button
    type="button"
    className={cls('button', `button-${variant}`, `button-${size(given, 'md')}`)}
    disabled={disabled}
    onClick={() => {
      (onClick as ((event: unknown, reactions: typeof NO_REACTIONS) => void) | undefined)?.(
        { type: 'click' },
        NO_REACTIONS,
      );
    }}
  >
    {children}
  </button>
);

export const LoadingButton = ({ children, loading = false, disabled = false, ...rest }: LoadingButtonProps) => (
  <Button {...rest} disabled={disabled || loading}>
    {loading ? <span className="spinner spinner-xs" aria-hidden="true" /> : null}
    {children}
  </Button>
);

export const LoadingSpinner = ({ label, showLabel = false, size: given, layout = 'inline' }: LoadingSpinnerProps) => (
  <div className={cls('loading', layout === 'centered' && 'loading-centered')} role="status" aria-label={label}>
    <span className={`spinner spinner-${size(given, 'sm')}`} aria-hidden="true" />
    {showLabel ? <span>{label}</span> : null}
  </div>
);

export const ProgressBar = ({
  title,
  value = 0,
  maxValue = 100,
  valueDescription,
  variant = 'success',
  ...rest
}: ProgressBarProps) => (
  <div className="progress">
    {title === undefined ? null : <div className="progress-title">{title}</div>}
    <div
      className="progress-track"
      role="progressbar"
      aria-label={rest['aria-label'] ?? title}
      aria-valuenow={value}
      aria-valuemin={0}
      aria-valuemax={maxValue}
    >
      <div
        className={`progress-fill progress-${variant}`}
        style={{ width: `${String(Math.round((100 * value) / maxValue))}%` }}
      />
    </div>
    {valueDescription === undefined ? null : <div className="microcopy">{valueDescription}</div>}
  </div>
);

export const Text = ({ children, variant = 'bodytext', inline = false, format }: TextProps) => {
  const name = cls(
    variant === 'microcopy' && 'microcopy',
    format?.fontWeight === undefined ? undefined : `weight-${format.fontWeight}`,
    format?.italic === true && 'italic',
  );
  return inline ? (
    <span className={cls('text', name)}>{children}</span>
  ) : (
    <div className={cls('text', name)}>{children}</div>
  );
};

export const Heading = ({ children, inline = false }: HeadingProps) => (
  <h3 className={cls('heading', inline && 'inline')}>{children}</h3>
);

export const Link = ({ children, href }: LinkProps) => {
  const { url, external = true } = typeof href === 'string' ? { url: href } : href;
  return (
    <a className="link" href={url} target={external ? '_blank' : undefined} rel="noreferrer">
      {children}
      {external ? (
        <span className="link-out" aria-hidden="true">
          {'\u00a0↗'}
        </span>
      ) : null}
    </a>
  );
};

export const Flex = ({
  children,
  direction = 'row',
  justify = 'start',
  align = 'stretch',
  alignSelf,
  gap = 'flush',
  wrap = 'nowrap',
}: FlexProps) => (
  <div
    className={cls(
      'flex',
      `flex-${direction}`,
      `justify-${justify}`,
      `align-${align}`,
      alignSelf === undefined ? undefined : `self-${alignSelf}`,
      `gap-${size(gap, 'flush')}`,
      (wrap === true || wrap === 'wrap') && 'wrap',
    )}
  >
    {children}
  </div>
);

export const Box = ({ children }: BoxProps) => <div className="box">{children}</div>;

export const Divider = ({ size: given }: DividerProps) => <hr className={`divider divider-${size(given, 'sm')}`} />;

export const Tile = ({ children, compact = false }: TileProps) => (
  <div className={cls('tile', compact && 'tile-compact')}>{children}</div>
);

export const StatusTag = ({ children, variant = 'default' }: StatusTagProps) => (
  <span className={`status-tag status-${variant}`}>
    <span className="status-dot" aria-hidden="true" />
    {children}
  </span>
);

export const Tag = ({ children, variant = 'default' }: TagProps) => (
  <span className={`tag tag-${variant}`}>{children}</span>
);

export const List = ({ children, variant = 'unordered' }: ListProps) => {
  const items = Children.toArray(children).map((child, index) => <li key={index}>{child}</li>);
  return variant.startsWith('ordered') ? <ol className="list">{items}</ol> : <ul className="list">{items}</ul>;
};

export const Statistics = ({ children }: StatisticsProps) => <div className="statistics">{children}</div>;

export const StatisticsItem = ({ label, number }: StatisticsItemProps) => (
  <div className="statistics-item">
    <div className="statistics-label">{label}</div>
    <div className="statistics-number">{number}</div>
  </div>
);

export const DescriptionList = ({ children, direction = 'column' }: DescriptionListProps) => (
  <dl className={`facts facts-${direction}`}>{children}</dl>
);

export const DescriptionListItem = ({ label, children }: DescriptionListItemProps) => (
  <div className="fact">
    <dt>{label}</dt>
    <dd>{children}</dd>
  </div>
);

export const EmptyState = ({ title, children }: EmptyStateProps) => (
  <div className="state">
    <div className="state-sign state-sign-calm" aria-hidden="true">
      ✓
    </div>
    <div className="state-title">{title}</div>
    {children}
  </div>
);

const Padlock = () => (
  <svg viewBox="0 0 24 24" width="22" height="22" fill="none" stroke="currentColor" strokeWidth="2">
    <rect x="5" y="11" width="14" height="9" rx="2" />
    <path d="M8 11V8a4 4 0 0 1 8 0v3" />
  </svg>
);

export const ErrorState = ({ title, children, type = 'error' }: ErrorStateProps) => (
  <div className="state" role="alert">
    <div className="state-sign" aria-hidden="true">
      {type === 'lock' ? <Padlock /> : type === 'support' ? '?' : '!'}
    </div>
    <div className="state-title">{title}</div>
    {children}
  </div>
);

export const Tab = ({ children }: TabProps) => <>{children}</>;

export const Tabs = ({ children, defaultSelected }: TabsProps) => {
  const tabs = Children.toArray(children) as ReactElement<TabProps>[];
  const [selected, setSelected] = useState(defaultSelected ?? tabs[0]?.props.tabId);
  const id = useId();
  const name = (tabId: string | number | undefined): string => `${id}-${String(tabId)}`;
  return (
    <div className="tabs">
      <div className="tab-list" role="tablist">
        {tabs.map((tab) => (
          <button
            key={tab.props.tabId}
            type="button"
            role="tab"
            id={name(tab.props.tabId)}
            className="tab"
            aria-selected={tab.props.tabId === selected ? 'true' : 'false'}
            onClick={() => {
              setSelected(tab.props.tabId);
            }}
          >
            {tab.props.title}
          </button>
        ))}
      </div>
      {tabs.map((tab) => (
        <div
          key={tab.props.tabId}
          className="tab-panel"
          role="tabpanel"
          aria-labelledby={name(tab.props.tabId)}
          hidden={tab.props.tabId !== selected}
        >
          {tab}
        </div>
      ))}
    </div>
  );
};

const Pages = ({
  page,
  pageCount,
  onPageChange,
}: {
  page: number;
  pageCount: number;
  onPageChange: (page: number) => void;
}) => {
  const first = Math.max(1, Math.min(page - 2, pageCount - 4));
  const numbers = Array.from({ length: Math.min(5, pageCount) }, (_, index) => first + index);
  const go = (to: number) => () => {
    onPageChange(to);
  };
  return (
    <div className="pages">
      <button type="button" className="page" disabled={page <= 1} onClick={go(page - 1)}>
        ‹ Prev
      </button>
      {numbers.map((number) => (
        <button
          key={number}
          type="button"
          className="page"
          aria-current={number === page ? 'page' : undefined}
          onClick={go(number)}
        >
          {number}
        </button>
      ))}
      <button type="button" className="page" disabled={page >= pageCount} onClick={go(page + 1)}>
        Next ›
      </button>
    </div>
  );
};

export const Table = (props: TableProps) => (
  <div className="table-frame">
    <div className="table-scroll">
      <table className={cls('table', `table-${props.density ?? 'default'}`)}>{props.children}</table>
    </div>
    {props.paginated === true ? (
      <Pages page={props.page ?? 1} pageCount={props.pageCount} onPageChange={props.onPageChange} />
    ) : null}
  </div>
);

export const TableHead = ({ children }: WithChildren) => <thead>{children}</thead>;
export const TableBody = ({ children }: WithChildren) => <tbody>{children}</tbody>;
export const TableFooter = ({ children }: WithChildren) => <tfoot>{children}</tfoot>;
export const TableRow = ({ children }: WithChildren) => <tr>{children}</tr>;
export const TableCell = ({ children, align = 'left', width, colSpan }: TableCellProps) => (
  <td className={cls(`cell-${align}`, width === 'min' && 'cell-min')} colSpan={colSpan}>
    {children}
  </td>
);

export const TableHeader = (props: TableHeaderProps) => {
  const { children, align = 'left', width } = props;
  const name = cls(`cell-${align}`, width === 'min' && 'cell-min');
  if (!('onSortChange' in props)) return <th className={name}>{children}</th>;
  const { sortDirection, onSortChange } = props;
  return (
    <th className={name} aria-sort={sortDirection}>
      <button
        type="button"
        className="sort"
        onClick={() => {
          onSortChange(sortDirection === 'ascending' ? 'descending' : 'ascending');
        }}
      >
        {children}
        <span className="sort-sign" aria-hidden="true">
          {sortDirection === 'ascending' ? '▲' : sortDirection === 'descending' ? '▼' : '↕'}
        </span>
      </button>
    </th>
  );
};

const COLOURS: Readonly<Record<string, string>> = { blue: '#5e9fd8', green: '#4fb06d', orange: '#e8875b' };
const GROUPS = ['blue', 'green', 'orange'];

/** Bars side by side, one group for each value of the first axis. */
export const BarChart = ({ data, axes, options }: BarChartProps) => {
  const rows = Array.isArray(data) ? data : data.data;
  const by = axes.options?.groupFieldByColor ?? '';
  const places = [...new Set(rows.map((row) => String(row[axes.x.field])))];
  const groups = [...new Set(rows.map((row) => String(row[by] ?? '')))];
  const value = (place: string, group: string): number =>
    Number(
      rows.find((row) => String(row[axes.x.field]) === place && String(row[by] ?? '') === group)?.[axes.y.field] ?? 0,
    );
  const most = Math.max(1, ...rows.map((row) => Number(row[axes.y.field])));
  const unit = 10 ** Math.floor(Math.log10(most));
  const top = Math.ceil(most / unit) * unit;
  const [width, height, left, bottom] = [720, 200, 64, 24];
  const step = (width - left) / places.length;
  const bar = Math.min(18, (step - 8) / groups.length);
  const y = (amount: number): number => (height - bottom) * (1 - amount / top) + 6;
  const colour = (group: string, index: number): string =>
    COLOURS[axes.options?.colors?.[group] ?? GROUPS[index] ?? 'blue'] ?? '#5e9fd8';
  return (
    <div className="chart">
      <div className="chart-head">
        <span className="weight-demibold">{options?.title}</span>
        <span className="chart-legend">
          {groups.map((group, index) => (
            <span key={group}>
              <span className="chart-key" style={{ background: colour(group, index) }} /> {group}
            </span>
          ))}
        </span>
      </div>
      <svg viewBox={`0 0 ${String(width)} ${String(height + 8)}`} role="img" aria-label={options?.title}>
        {[0, 0.5, 1].map((part) => (
          <g key={part}>
            <line x1={left} x2={width} y1={y(top * part)} y2={y(top * part)} stroke="#dfe3eb" />
            <text x={left - 8} y={y(top * part) + 4} textAnchor="end" className="chart-text">
              {new Intl.NumberFormat('en').format(top * part)}
            </text>
          </g>
        ))}
        {places.map((place, at) => (
          <g key={place}>
            {groups.map((group, index) => (
              <rect
                key={group}
                x={left + at * step + (step - bar * groups.length) / 2 + index * bar}
                y={y(value(place, group))}
                width={bar - 2}
                height={Math.max(0, y(0) - y(value(place, group)))}
                fill={colour(group, index)}
              />
            ))}
            <text x={left + (at + 0.5) * step} y={height + 4} textAnchor="middle" className="chart-text">
              {place}
            </text>
          </g>
        ))}
      </svg>
    </div>
  );
};
