// Selecting, pasting, the bell, notifications.

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

export function BehaviourSettings({ preferences }: Preferences) {
  return (
    <Section title="Behaviour">
      <SwitchSetting preferences={preferences} name="copy_on_select" label="Copy what is selected" />
      <ChoiceSetting preferences={preferences} name="right_click" label="Right click" choices={rightClicks} />
      <SwitchSetting
        preferences={preferences}
        name="confirm_multiline_paste"
        label="Ask before pasting several lines"
        description="Where the shell cannot tell a paste from typing, each line would run at once."
      />
      <ChoiceSetting
        preferences={preferences}
        name="clipboard_writes"
        label="Programs may put text on the clipboard"
        description="As editors in a terminal do over SSH (OSC 52). None may read it."
        choices={clipboardWrites}
      />
      <ChoiceSetting preferences={preferences} name="bell" label="Bell" choices={bells} />
      <Setting
        preferences={preferences}
        name="notify_after_seconds"
        label="Tell when a command ends unseen"
        description="After it ran for this long in a tab that is not shown, or while the page is out of sight. 0: never."
      >
        {(value, change, id) => (
          <NumberInput id={id} value={value} min={0} max={86_400} unit="seconds" onChange={change} />
        )}
      </Setting>
      <DesktopNotifications />
      <Setting
        preferences={preferences}
        name="scrollback"
        label="Lines to scroll back"
        description="In an open terminal. How many are kept on disk is a setting of each workspace."
      >
        {(value, change, id) => (
          <NumberInput id={id} value={value} min={0} max={100_000} step={1000} unit="lines" onChange={change} />
        )}
      </Setting>
      <SwitchSetting
        preferences={preferences}
        name="screen_reader"
        label="For screen readers"
        description="Keeps the text of terminals where a screen reader finds it. A little slower."
      />
      <SwitchSetting
        preferences={preferences}
        name="shell_integration"
        label="Shell integration"
        description="Marks of commands, exit status and folder in new terminals of bash, zsh, fish and PowerShell. Touches none of your files."
      />
    </Section>
  )
}

/** The browser asks once; afterwards only its own settings change the answer. */
function DesktopNotifications() {
  const [permission, setPermission] = useState(() => ('Notification' in window ? Notification.permission : 'denied'))
  if (permission === 'granted') return null
  return (
    <Row
      label="Notifications of the desktop"
      description={
        permission === 'denied'
          ? 'This browser shows none for this page; its own settings can change that.'
          : 'Tell also while the page is out of sight.'
      }
    >
      <Button
        disabled={permission === 'denied'}
        onClick={() => void Notification.requestPermission().then(setPermission)}
      >
        Allow…
      </Button>
    </Row>
  )
}
