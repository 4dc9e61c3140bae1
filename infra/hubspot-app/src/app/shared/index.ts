// The one door of the shared package.
export * from './api';
export * from './BillingCard';
export * from './connector-url';
export * from './Health';
export * from './ListPanels';
export * from './PreviewPanel';
export * from './Problems';
export * from './Settings';
export * from './sorting';
export * from './status';
export * from './SyncPanel';
export * from './use-card';
export type * from './view-model';
