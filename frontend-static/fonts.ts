/**
 * Web fonts never shift a page: a late font is used from the next page on (`font-display: optional`). The fonts with
 * Latin letters are preloaded, so they usually arrive in time.
 */
import type { Plugin } from 'vite';

const FIRST = /latin-wght-normal-[^/]*\.woff2$/;

export function steadyFonts(): Plugin {
  return {
    name: 'steady-fonts',
    enforce: 'pre',
    transform: (code, id) =>
      /@fontsource.*\.css/.test(id) ? code.replaceAll('font-display: swap', 'font-display: optional') : null,
    transformIndexHtml: {
      order: 'post',
      handler: (_html, { bundle }) =>
        Object.keys(bundle ?? {})
          .filter((name) => FIRST.test(name))
          .map((name) => ({
            tag: 'link',
            attrs: { rel: 'preload', as: 'font', type: 'font/woff2', href: `/${name}`, crossorigin: 'anonymous' },
            injectTo: 'head' as const,
          })),
    },
  };
}
