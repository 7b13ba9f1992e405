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
    <Section title="Look">
      <ThemeGallery preferences={preferences} />
      <Setting
        preferences={preferences}
        name="light_theme"
        label="Theme while the dashboard is light"
        description="The dashboard follows the system; terminals can follow it too."
      >
        {(value, change, id) => (
          <Select
            id={id}
            value={value}
            choices={[{ value: '', label: 'The same as always' }, ...themeChoices(preferences)]}
            onChange={change}
          />
        )}
      </Setting>
      <Setting
        preferences={preferences}
        name="font"
        label="Font"
        description="A font of this computer. Empty: JetBrains Mono, which comes with the program."
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
        description="As a multiple of the font’s own height."
      >
        {(value, change, id) => <NumberInput id={id} value={value} min={0.8} max={3} step={0.05} onChange={change} />}
      </Setting>
      <SwitchSetting
        preferences={preferences}
        name="ligatures"
        label="Ligatures"
        description="Draws => and != as one sign, in fonts that have it."
      />
      <ChoiceSetting preferences={preferences} name="cursor" label="Cursor" choices={cursors} />
      <SwitchSetting preferences={preferences} name="cursor_blink" label="Blinking cursor" />
    </Section>
  )
}
