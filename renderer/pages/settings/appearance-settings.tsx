// Theme, font and cursor of terminals.

import { NumberInput, Select, TextInput } from './inputs.tsx'
import { ChoiceSetting, type Preferences, Section, Setting, SwitchSetting } from './setting.tsx'
import { ThemeGallery, themeChoices } from './theme-gallery.tsx'

const cursors = [
  { value: 'block', label: 'Block' },
  { value: 'bar', label: 'Bar' },
  { value: 'underline', label: 'Underline' },
] as const

export function AppearanceSettings({ preferences }: Preferences) {
  return (
    <Section title="Appearance">
      <ThemeGallery preferences={preferences} />
      <Setting
        preferences={preferences}
        name="light_theme"
        label="Theme in light mode"
        description="Replaces the theme while the dashboard is light."
      >
        {(value, change, id) => (
          <Select
            id={id}
            value={value}
            choices={[{ value: '', label: 'Same theme' }, ...themeChoices(preferences)]}
            onChange={change}
          />
        )}
      </Setting>
      <Setting
        preferences={preferences}
        name="font"
        label="Font"
        description="A font installed on this computer. Leave empty to use the bundled JetBrains Mono."
      >
        {(value, change, id) => (
          <TextInput id={id} value={value} placeholder="JetBrains Mono" maxLength={200} onChange={change} />
        )}
      </Setting>
      <Setting preferences={preferences} name="font_size" label="Font size">
        {(value, change, id) => <NumberInput id={id} value={value} min={6} max={48} unit="px" onChange={change} />}
      </Setting>
      <Setting
        preferences={preferences}
        name="line_height"
        label="Line height"
        description="A multiple of the font’s height."
      >
        {(value, change, id) => <NumberInput id={id} value={value} min={0.8} max={3} step={0.05} onChange={change} />}
      </Setting>
      <SwitchSetting
        preferences={preferences}
        name="ligatures"
        label="Ligatures"
        description="Draws sequences such as => and != as one symbol, in fonts that support it."
      />
      <ChoiceSetting preferences={preferences} name="cursor" label="Cursor" choices={cursors} />
      <SwitchSetting preferences={preferences} name="cursor_blink" label="Blink cursor" />
    </Section>
  )
}
