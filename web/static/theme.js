// Runs before the first paint, so that a dark room is never flashed white. Kept in a file of its own because the
// content security policy allows no script inside the page.
(function () {
  var choice = 'system';
  try {
    choice = localStorage.getItem('opsboard.theme') || 'system';
  } catch (_) {
    // Storage is denied: the system's choice it is.
  }
  var dark = choice === 'dark' || (choice !== 'light' && matchMedia('(prefers-color-scheme: dark)').matches);
  var theme = location.pathname === '/wall' ? 'wall' : dark ? 'dark' : 'light';
  document.documentElement.setAttribute('data-theme', theme);
})();
