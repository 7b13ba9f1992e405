// An address that leads nowhere, or to what is not for this user to see: the two look the same.

import { SearchX } from 'lucide-react'
import { ButtonLink } from '../../components/button.tsx'
import { Empty } from '../../components/empty.tsx'
import { Page } from '../../shell/page.tsx'

interface NotFoundProps {
  title?: string
  text?: string
}

export function NotFound({
  title = 'There is no such page',
  text = 'The address may be mistyped, or what it named is gone.',
}: NotFoundProps) {
  return (
    <Page title="Not found">
      <Empty
        icon={<SearchX className="size-7" strokeWidth={1.5} aria-hidden />}
        title={title}
        action={
          <ButtonLink look="primary" to="/workspaces">
            Go to workspaces
          </ButtonLink>
        }
      >
        {text}
      </Empty>
    </Page>
  )
}
