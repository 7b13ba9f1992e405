// Sets the theme before the first paint. A file of its own, as the content security policy allows no inline script;
// theme/theme.ts changes the choice later.

const systemIsDark = matchMedia('(prefers-color-scheme: dark)')

function storedTheme() {
  try {
    return localStorage.getItem('theme')
  } catch {
    // Storage is blocked in this browser: the system decides.
    return null
  }
}

function applyTheme() {
  const chosen = storedTheme()
  const isDark = chosen === 'dark' || (chosen !== 'light' && systemIsDark.matches)
  document.documentElement.dataset.theme = isDark ? 'dark' : 'light'
}

applyTheme()
systemIsDark.addEventListener('change', applyTheme)
addEventListener('storage', applyTheme)
