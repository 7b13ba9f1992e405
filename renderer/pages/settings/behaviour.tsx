// Selecting, pasting, the bell, notifications.

import { useState } from 'react'
import { Button } from '../../components/button.tsx'
import { Segmented } from '../../components/segmented.tsx'
import { NumberInput, OnOff } from './inputs.tsx'
import { type Preferences, Row, Section, Setting } from './setting.tsx'

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

export function Behaviour({ preferences }: Preferences) {
  return (
    <Section title="Behaviour">
      <Setting preferences={preferences} name="copy_on_select" label="Copy what is selected">
        {(value, change, id) => <OnOff id={id} isOn={value} onChange={change} />}
      </Setting>
      <Setting preferences={preferences} name="right_click" label="Right click">
        {(value, change, id) => (
          <Segmented
            id={id}
            label="Right click"
            value={value}
            choices={rightClicks}
            onChange={(chosen) => change(chosen as typeof value)}
          />
        )}
      </Setting>
      <Setting
        preferences={preferences}
        name="confirm_multiline_paste"
        label="Ask before pasting several lines"
        description="Where the shell cannot tell a paste from typing, each line would run at once."
      >
        {(value, change, id) => <OnOff id={id} isOn={value} onChange={change} />}
      </Setting>
      <Setting
        preferences={preferences}
        name="clipboard_writes"
        label="Programs may put text on the clipboard"
        description="As editors in a terminal do over SSH (OSC 52). None may read it."
      >
        {(value, change, id) => (
          <Segmented
            id={id}
            label="Programs may put text on the clipboard"
            value={value}
            choices={clipboardWrites}
            onChange={(chosen) => change(chosen as typeof value)}
          />
        )}
      </Setting>
      <Setting preferences={preferences} name="bell" label="Bell">
        {(value, change, id) => (
          <Segmented
            id={id}
            label="Bell"
            value={value}
            choices={bells}
            onChange={(chosen) => change(chosen as typeof value)}
          />
        )}
      </Setting>
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
      <Setting
        preferences={preferences}
        name="screen_reader"
        label="For screen readers"
        description="Keeps the text of terminals where a screen reader finds it. A little slower."
      >
        {(value, change, id) => <OnOff id={id} isOn={value} onChange={change} />}
      </Setting>
      <Setting
        preferences={preferences}
        name="shell_integration"
        label="Shell integration"
        description="Marks of commands, exit status and folder in new terminals of bash, zsh, fish and PowerShell. Touches none of your files."
      >
        {(value, change, id) => <OnOff id={id} isOn={value} onChange={change} />}
      </Setting>
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
