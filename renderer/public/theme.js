// Sets the theme before the first paint. A separate file, because the content security policy allows no inline scripts;
// theme/theme.ts changes the choice later.

const systemIsDark = matchMedia('(prefers-color-scheme: dark)')

function storedTheme() {
  try {
    return localStorage.getItem('theme')
  } catch {
    // The browser blocks storage: use the system theme.
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
