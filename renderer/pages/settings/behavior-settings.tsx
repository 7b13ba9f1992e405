// Selection, clipboard, bell, notifications, scrollback and shell integration of terminals.

import { useState } from 'react'
import { Button } from '../../components/button.tsx'
import { NumberInput } from './inputs.tsx'
import { ChoiceSetting, type Preferences, Row, Section, Setting, SwitchSetting } from './setting.tsx'

const rightClicks = [
  { value: 'menu', label: 'Menu' },
  { value: 'paste', label: 'Paste' },
  { value: 'copy_paste', label: 'Copy or paste' },
] as const

const bells = [
  { value: 'none', label: 'None' },
  { value: 'visual', label: 'Flash' },
  { value: 'sound', label: 'Sound' },
  { value: 'both', label: 'Both' },
] as const

const clipboardWrites = [
  { value: 'ask', label: 'Ask' },
  { value: 'always', label: 'Always' },
  { value: 'never', label: 'Never' },
] as const

export function BehaviorSettings({ preferences }: Preferences) {
  return (
    <Section title="Behavior">
      <SwitchSetting preferences={preferences} name="copy_on_select" label="Copy on select" />
      <ChoiceSetting preferences={preferences} name="right_click" label="Right click" choices={rightClicks} />
      <SwitchSetting
        preferences={preferences}
        name="confirm_multiline_paste"
        label="Confirm multi-line paste"
        description="Only for programs that run each pasted line immediately."
      />
      <ChoiceSetting
        preferences={preferences}
        name="clipboard_writes"
        label="Clipboard access for programs"
        description="Lets programs copy text to the clipboard (OSC 52), such as editors over SSH. Programs can never read it."
        choices={clipboardWrites}
      />
      <ChoiceSetting preferences={preferences} name="bell" label="Bell" choices={bells} />
      <Setting
        preferences={preferences}
        name="notify_after_seconds"
        label="Notify when a command finishes"
        description="For commands that ran at least this long in a hidden tab or while the page was hidden. 0 disables the notification."
      >
        {(value, change, id) => (
          <NumberInput id={id} value={value} min={0} max={86_400} unit="seconds" onChange={change} />
        )}
      </Setting>
      <DesktopNotifications />
      <Setting
        preferences={preferences}
        name="scrollback"
        label="Scrollback"
        description="Lines kept in an open terminal. How many lines are stored on disk is a setting of each workspace."
      >
        {(value, change, id) => (
          <NumberInput id={id} value={value} min={0} max={100_000} step={1000} unit="lines" onChange={change} />
        )}
      </Setting>
      <SwitchSetting
        preferences={preferences}
        name="screen_reader"
        label="Screen reader support"
        description="Makes terminal text available to screen readers. Slightly slower."
      />
      <SwitchSetting
        preferences={preferences}
        name="shell_integration"
        label="Shell integration"
        description="Detects commands, exit status and folder in new terminals with bash, zsh, fish and PowerShell. Does not change your files."
      />
    </Section>
  )
}

/** The browser prompts once; later the permission can be changed only in the browser's settings. */
function DesktopNotifications() {
  const [permission, setPermission] = useState(() => ('Notification' in window ? Notification.permission : 'denied'))
  if (permission === 'granted') return null
  return (
    <Row
      label="Desktop notifications"
      description={
        permission === 'denied'
          ? 'Blocked by the browser. Allow notifications for this page in the browser settings.'
          : 'Also notifies you while the page is hidden.'
      }
    >
      <Button
        disabled={permission === 'denied'}
        onClick={() => void Notification.requestPermission().then(setPermission)}
      >
        Allow notifications…
      </Button>
    </Row>
  )
}
