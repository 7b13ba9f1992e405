// An icon specified by a template. A generic icon replaces one that cannot be loaded, for example from another site.

import { classNames } from './class-names.ts'

const neutral = '/icon/other.svg'

interface IconProps {
  /** An empty URL renders nothing. */
  src: string
  className?: string
}

/** Decorative: a name is always next to it. */
export function Icon({ src, className = 'size-4' }: IconProps) {
  if (src === '') return null
  return (
    <img
      src={src}
      alt=""
      loading="lazy"
      className={classNames('shrink-0 object-contain', className)}
      onError={({ currentTarget }) => {
        if (!currentTarget.src.endsWith(neutral)) currentTarget.src = neutral
      }}
    />
  )
}
