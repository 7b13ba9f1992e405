// Buttons, and links with their appearance: primary once per view, quiet in rows and toolbars, plain elsewhere.

import { Link, type LinkProps } from '@tanstack/react-router'
import type { ComponentProps, ReactNode } from 'react'
import { classNames } from './class-names.ts'

type Variant = 'primary' | 'plain' | 'quiet' | 'danger'
type Size = 'medium' | 'small' | 'icon' | 'icon-small'

const base =
  'inline-flex shrink-0 items-center justify-center gap-2 rounded-control border font-semibold whitespace-nowrap ' +
  'transition-colors select-none disabled:pointer-events-none disabled:opacity-50 aria-busy:pointer-events-none'

const variants: Record<Variant, string> = {
  primary: 'border-transparent bg-accent text-on-accent hover:bg-accent-hover',
  plain: 'border-line-strong bg-surface text-text hover:bg-hover',
  quiet: 'border-transparent bg-transparent text-muted hover:bg-hover hover:text-text',
  danger: 'border-transparent bg-failed text-surface hover:opacity-90',
}

const sizes: Record<Size, string> = {
  medium: 'h-8 px-3 text-sm',
  small: 'h-7 px-2 text-xs',
  icon: 'size-8',
  'icon-small': 'size-7',
}

interface Appearance {
  variant?: Variant
  size?: Size
}

export const buttonClass = ({ variant = 'plain', size = 'medium' }: Appearance = {}, extra?: string): string =>
  classNames(base, variants[variant], sizes[size], extra)

export function Button({
  variant,
  size,
  className,
  busy,
  ...rest
}: ComponentProps<'button'> & Appearance & { busy?: boolean }) {
  return <button type="button" aria-busy={busy} {...rest} className={buttonClass({ variant, size }, className)} />
}

type ButtonLinkProps = LinkProps & Appearance & { className?: string; children: ReactNode; 'aria-label'?: string }

/** A link with the appearance of a button: navigation by a link supports opening in a new tab. */
export function ButtonLink({ variant, size, className, ...rest }: ButtonLinkProps) {
  return <Link {...rest} className={buttonClass({ variant, size }, className)} />
}
