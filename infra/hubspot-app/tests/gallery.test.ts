// The built gallery that is committed: current, small, ours, and at home below any path.

import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
// @ts-expect-error The script is plain JavaScript.
import { built } from '../scripts/gallery.mjs';

const DIST = new URL('../gallery/dist/', import.meta.url);
const MOST_BYTES = 300_000;

const made = await (built as () => Promise<Record<string, string>>)();
const committed = (name: string): string => readFileSync(new URL(name, DIST), 'utf8');

describe('the gallery', () => {
  it.each(Object.keys(made))('%s is what the sources make; else run: npm run gallery', (name) => {
    expect(committed(name) === made[name], name).toBe(true);
  });

  it('is small', () => {
    const bytes = Object.values(made).reduce((sum, text) => sum + Buffer.byteLength(text), 0);
    expect(bytes).toBeLessThan(MOST_BYTES);
  });

  it('has relative addresses only', () => {
    const page = committed('index.html');
    expect([...page.matchAll(/(?:src|href)="([^"]+)"/g)].map((match) => match[1])).toEqual([
      'data:,',
      'gallery.css',
      'gallery.js',
    ]);
    expect(committed('gallery.js')).toContain('fetch(`api');
    expect(committed('gallery.css')).not.toContain('url(');
  });

  it('holds no code but ours', () => {
    // The build refuses every package by name; this is the proof that the bundle kept to it.
    expect(committed('gallery.js')).not.toMatch(/node_modules|react\.production|__SECRET_INTERNALS|@remote-ui/);
  });
});
