// A picture that a template names. What cannot be had, such as one of another site, is the neutral one.

import { classNames } from './class-names.ts'

const neutral = '/icon/other.svg'

interface IconProps {
  /** Nothing is drawn for an empty one. */
  src: string
  className?: string
}

/** It stands beside a name and says nothing of its own. */
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
