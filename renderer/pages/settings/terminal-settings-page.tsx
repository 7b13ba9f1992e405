// The user's terminal settings. Each change is saved and applied to all open terminals immediately; a setting that differs
// from its default has a reset button.

import { useQuery } from '@tanstack/react-query'
import { Search } from 'lucide-react'
import { useState } from 'react'
import { preferencesQuery } from '../../api/terminal-preferences.ts'
import { Failure } from '../../components/failure.tsx'
import { inputClass } from '../../components/field.tsx'
import { Delayed, Skeleton } from '../../components/skeleton.tsx'
import { Page } from '../../shell/page.tsx'
import { AppearanceSettings } from './appearance-settings.tsx'
import { BehaviorSettings } from './behavior-settings.tsx'
import { HistorySettings } from './history-settings.tsx'
import { KeySettings } from './key-settings.tsx'
import { ProfileSettings } from './profile-settings.tsx'
import { RetentionSettings } from './retention-settings.tsx'
import { SettingsSearch } from './setting.tsx'

export function TerminalSettingsPage() {
  const preferences = useQuery(preferencesQuery)
  const [query, setQuery] = useState('')
  return (
    <Page title="Terminals" parents={[{ label: 'Settings', link: { to: '/settings/terminals' } }]}>
      <div className="mx-auto w-full max-w-[820px] px-6 pt-6 pb-16 max-sm:px-3 max-sm:pt-4">
        {preferences.data ? (
          <>
            <label className="relative block">
              <Search className="pointer-events-none absolute top-2 left-2.5 size-4 text-muted" aria-hidden />
              <input
                type="search"
                aria-label="Search settings"
                placeholder="Search settings"
                className={inputClass('pl-8')}
                value={query}
                onChange={(event) => setQuery(event.target.value)}
              />
            </label>
            <SettingsSearch query={query}>
              <AppearanceSettings preferences={preferences.data} />
              <BehaviorSettings preferences={preferences.data} />
              <ProfileSettings preferences={preferences.data} />
              <KeySettings preferences={preferences.data} />
              <HistorySettings preferences={preferences.data} />
              <RetentionSettings />
            </SettingsSearch>
          </>
        ) : preferences.isError ? (
          <Failure
            title="Could not load the settings"
            error={preferences.error}
            onRetry={() => void preferences.refetch()}
          />
        ) : (
          <Delayed>
            <Skeleton className="mb-4 h-8" />
            <Skeleton className="h-96 rounded-card" />
          </Delayed>
        )}
      </div>
    </Page>
  )
}
