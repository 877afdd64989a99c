// The language of the pages: as chosen in this browser, else as the browser prefers.
const KEPT = "console.language";

export const language = () => localStorage.getItem(KEPT) ?? (navigator.language.startsWith("ja") ? "ja" : "en");

/** What of the two is in the chosen language. */
export const both = (en, ja) => (language() === "ja" ? ja : en);

/** The choice is kept in this browser. */
export const choose = (code) => localStorage.setItem(KEPT, code);

/** Texts of the page around the views: English is in the document, Japanese in `data-ja`. */
export function translateFrame() {
  document.documentElement.lang = language();
  for (const part of document.querySelectorAll("[data-ja]")) {
    part.dataset.en ??= part.textContent;
    part.textContent = part.dataset[language()];
  }
  for (const button of document.querySelectorAll("[data-language]")) {
    button.setAttribute("aria-pressed", String(button.dataset.language === language()));
  }
}
