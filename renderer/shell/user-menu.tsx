// The signed-in user, theme selection, sign-in link and sign-out.

import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { ExternalLink, FolderOpen, Keyboard, Link2, LogOut } from 'lucide-react'
import { createSignInLink, meQuery, signOut } from '../api/users.ts'
import { copyText } from '../components/copy-text.ts'
import { Menu, MenuChoice, MenuItem, MenuSeparator } from '../components/menu.tsx'
import { desktop, openLink } from '../desktop.ts'
import { notify, notifyFailure } from '../notices.ts'
import { chooseTheme, type ThemeChoice, useTheme } from '../theme/theme.ts'

const themes = [
  { value: 'system', label: 'System' },
  { value: 'light', label: 'Light' },
  { value: 'dark', label: 'Dark' },
] as const

const iconClass = 'size-4 text-muted'

export function UserMenu({ onShowKeys }: { onShowKeys: () => void }) {
  const { data: me } = useQuery(meQuery)
  const theme = useTheme()
  const signOutUser = useSignOut()
  const username = me?.username ?? ''
  return (
    <Menu
      align="start"
      trigger={
        <button
          type="button"
          aria-label={`Account of ${username}`}
          className="flex h-9 min-w-0 items-center gap-2.5 rounded-control px-2 text-left hover:bg-hover max-md:w-9 max-md:justify-center max-md:px-0 md:w-full"
        >
          <span
            aria-hidden
            data-letter={username.slice(0, 1).toUpperCase()}
            className="flex before:content-[attr(data-letter)] size-5 shrink-0 items-center justify-center rounded-full bg-accent text-[11px] font-bold text-on-accent"
          />
          <span className="min-w-0 flex-1 truncate max-md:hidden">{username}</span>
        </button>
      }
    >
      <div className="max-w-60 px-2 pt-1.5 pb-1 text-xs break-words text-muted">
        Signed in as <span className="font-semibold text-text">{username}</span>
        <br />
        {me?.email}
      </div>
      <MenuSeparator />
      <MenuChoice
        label="Theme"
        value={theme}
        choices={themes}
        onChange={(choice) => chooseTheme(choice as ThemeChoice)}
      />
      <MenuSeparator />
      <MenuItem icon={<Keyboard className={iconClass} aria-hidden />} keys="?" onSelect={onShowKeys}>
        Keyboard shortcuts
      </MenuItem>
      <SignInLinkItem />
      {desktop && (
        <MenuItem icon={<FolderOpen className={iconClass} aria-hidden />} onSelect={() => void desktop?.openLogs()}>
          Open logs
        </MenuItem>
      )}
      <MenuSeparator />
      <MenuItem icon={<LogOut className={iconClass} aria-hidden />} onSelect={signOutUser}>
        Sign out
      </MenuItem>
    </Menu>
  )
}

function SignInLinkItem() {
  const open = async () => {
    try {
      const link = await createSignInLink()
      if (desktop) return openLink(link)
      await copyText(link)
      notify('Sign-in link copied', 'It signs you in once, in the browser that opens it. Treat it like a password.')
    } catch (error) {
      notifyFailure('Could not create a sign-in link', error)
    }
  }
  return (
    <MenuItem
      icon={desktop ? <ExternalLink className={iconClass} aria-hidden /> : <Link2 className={iconClass} aria-hidden />}
      onSelect={() => void open()}
    >
      {desktop ? 'Open in browser' : 'Copy sign-in link'}
    </MenuItem>
  )
}

function useSignOut() {
  const cache = useQueryClient()
  const navigate = useNavigate()
  return async () => {
    try {
      await signOut()
      cache.clear()
      await navigate({ to: '/login' })
    } catch (error) {
      notifyFailure('Could not sign out', error)
    }
  }
}
