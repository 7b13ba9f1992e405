// A dropdown menu. Items may show their shortcut.

import { DropdownMenu } from 'radix-ui'
import type { ReactNode } from 'react'
import { classNames } from './class-names.ts'
import { floatClass } from './dialog.tsx'
import { Kbd } from './kbd.tsx'

interface MenuProps {
  trigger: ReactNode
  children: ReactNode
  align?: 'start' | 'end'
  /** Moves the focus on close, instead of to the trigger. */
  onCloseFocus?: () => void
}

export function Menu({ trigger, children, align = 'end', onCloseFocus }: MenuProps) {
  return (
    <DropdownMenu.Root>
      <DropdownMenu.Trigger asChild>{trigger}</DropdownMenu.Trigger>
      <DropdownMenu.Portal>
        <DropdownMenu.Content
          align={align}
          sideOffset={4}
          collisionPadding={8}
          onCloseAutoFocus={(event) => {
            if (!onCloseFocus) return
            event.preventDefault()
            onCloseFocus()
          }}
          className={classNames(
            menuClass,
            'max-h-(--radix-dropdown-menu-content-available-height) min-w-[min(12rem,calc(100vw-32px))]',
          )}
        >
          {children}
        </DropdownMenu.Content>
      </DropdownMenu.Portal>
    </DropdownMenu.Root>
  )
}

/** Fits into a window that is narrower than its items. */
export const menuClass = `${floatClass} z-50 max-w-[min(24rem,calc(100vw-32px))] overflow-y-auto p-1`

export const menuItemClass =
  'flex h-8 items-center gap-2.5 rounded-control px-2 text-sm outline-none data-[highlighted]:bg-hover data-[disabled]:opacity-50'

/** Hidden in narrow windows: a phone has no keyboard. */
export function MenuKeys({ children }: { children: ReactNode }) {
  return (
    <span className="max-sm:hidden">
      <Kbd>{children}</Kbd>
    </span>
  )
}

interface MenuItemProps {
  icon?: ReactNode
  keys?: string | undefined
  danger?: boolean
  disabled?: boolean
  onSelect: () => void
  children: ReactNode
}

export function MenuItem({ icon, keys, danger, disabled, onSelect, children }: MenuItemProps) {
  return (
    <DropdownMenu.Item
      disabled={disabled}
      onSelect={onSelect}
      className={classNames(menuItemClass, danger && 'text-failed-text')}
    >
      {icon}
      <span className="min-w-0 flex-1 truncate">{children}</span>
      {keys && <MenuKeys>{keys}</MenuKeys>}
    </DropdownMenu.Item>
  )
}

interface MenuChoiceProps {
  label: string
  value: string
  choices: readonly { value: string; label: string }[]
  onChange: (value: string) => void
}

export function MenuChoice({ label, value, choices, onChange }: MenuChoiceProps) {
  return (
    <DropdownMenu.RadioGroup value={value} onValueChange={onChange}>
      <DropdownMenu.Label className="px-2 pt-1.5 pb-1 text-xs text-muted">{label}</DropdownMenu.Label>
      {choices.map((choice) => (
        <DropdownMenu.RadioItem key={choice.value} value={choice.value} className={menuItemClass}>
          <span className="flex size-4 items-center justify-center">
            <DropdownMenu.ItemIndicator className="size-1.5 rounded-full bg-accent" />
          </span>
          {choice.label}
        </DropdownMenu.RadioItem>
      ))}
    </DropdownMenu.RadioGroup>
  )
}

/** Heading of a group of items. */
export function MenuHeading({ children }: { children: ReactNode }) {
  return <DropdownMenu.Label className="px-2 pt-1.5 pb-1 text-xs text-muted">{children}</DropdownMenu.Label>
}

export function MenuSeparator() {
  return <DropdownMenu.Separator className="mx-1 my-1 h-px bg-line" />
}
