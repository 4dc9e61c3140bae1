// All fixtures by their path, put into the bundle by the build.
declare const GALLERY_FIXTURES: Record<string, unknown>;

export const fixtures: Record<string, unknown> = GALLERY_FIXTURES;
