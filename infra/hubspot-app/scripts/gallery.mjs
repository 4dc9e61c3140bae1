// Builds the gallery into gallery/dist: one script, one style sheet, one page, all with relative addresses.
// `node scripts/gallery.mjs` writes them, `--check` says whether the committed ones are current.
import { readdirSync, readFileSync, writeFileSync, mkdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const GALLERY = fileURLToPath(new URL('../gallery/', import.meta.url));
const ROOT = fileURLToPath(new URL('..', import.meta.url));
const FIXTURES = fileURLToPath(new URL('../fixtures/', import.meta.url));

function fixtures() {
  const found = {};
  for (const folder of readdirSync(FIXTURES).sort()) {
    for (const file of readdirSync(`${FIXTURES}${folder}`).sort()) {
      found[`${folder}/${file.replace('.json', '')}`] = JSON.parse(
        readFileSync(`${FIXTURES}${folder}/${file}`, 'utf8'),
      );
    }
  }
  return found;
}

/** Names that mean something else in the gallery. */
const STAND_INS = {
  react: `${GALLERY}react.ts`,
  'react/jsx-runtime': `${GALLERY}react.ts`,
  '@hubspot/ui-extensions': `${GALLERY}stand-ins.tsx`,
};

/** The files of the built gallery by name. */
export async function built() {
  const { outputFiles } = await build({
    absWorkingDir: ROOT,
    entryPoints: ['gallery/main.tsx'],
    bundle: true,
    write: false,
    outfile: 'gallery.js',
    format: 'iife',
    target: 'es2022',
    jsx: 'automatic',
    minifySyntax: true,
    minifyWhitespace: true,
    charset: 'utf8',
    legalComments: 'none',
    tsconfigRaw: {},
    define: { GALLERY_FIXTURES: JSON.stringify(fixtures()) },
    plugins: [
      {
        name: 'stand-ins',
        setup(chain) {
          chain.onResolve({ filter: /\/connector-url$/ }, () => ({ path: `${GALLERY}connector-url.ts` }));
          chain.onResolve({ filter: /^[^.]/ }, ({ path, kind }) => {
            if (kind === 'entry-point') return undefined;
            if (!(path in STAND_INS)) throw new Error(`the gallery may not hold ${path}: it is not ours`);
            return { path: STAND_INS[path] };
          });
        },
      },
    ],
  });
  return {
    'gallery.js': outputFiles[0].text,
    'gallery.css': readFileSync(`${GALLERY}gallery.css`, 'utf8'),
    'index.html': readFileSync(`${GALLERY}index.html`, 'utf8'),
  };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const files = await built();
  mkdirSync(`${GALLERY}dist`, { recursive: true });
  let stale = false;
  for (const [name, text] of Object.entries(files)) {
    const path = `${GALLERY}dist/${name}`;
    if (process.argv.includes('--check')) {
      let committed = null;
      try {
        committed = readFileSync(path, 'utf8');
      } catch {
        committed = null;
      }
      stale ||= committed !== text;
    } else {
      writeFileSync(path, text);
    }
  }
  if (stale) {
    process.stderr.write('gallery/dist is not what the sources make; run: npm run gallery\n');
    process.exit(1);
  }
}
