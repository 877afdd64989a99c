// Runs before the first paint, so that the page never flashes in another theme or language.
(function () {
  try {
    var saved = JSON.parse(localStorage.getItem('asyncsns.settings') || '{}');
    if (saved.theme === 'light' || saved.theme === 'dark') document.documentElement.dataset.theme = saved.theme;
    if (saved.language === 'ja' || saved.language === 'en') document.documentElement.lang = saved.language;
  } catch {
    // Storage may be unavailable (private mode): the system's theme is used.
  }
})();
