// What the gallery's bundle gets where the sources say "react".
import { type Drawn } from './runtime';

export { Fragment, jsx, jsxs, useCallback, useEffect, useId, useMemo, useRef, useState } from './runtime';

/** The part of React's helper of the same name that the stand-ins use. */
export const Children = {
  toArray: (children: Drawn): Drawn[] =>
    (Array.isArray(children) ? children.flatMap((child) => Children.toArray(child)) : [children]).filter(
      (child) => child !== null && child !== undefined && typeof child !== 'boolean',
    ),
};
