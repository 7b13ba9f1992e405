// An unknown address, or an object that this user cannot see: the two are indistinguishable.

import { SearchX } from 'lucide-react'
import { ButtonLink } from '../../components/button.tsx'
import { EmptyState } from '../../components/empty-state.tsx'
import { Page } from '../../shell/page.tsx'

interface NotFoundProps {
  title?: string
  text?: string
}

export function NotFound({
  title = 'Page not found',
  text = 'The address may be mistyped, or the page may have been deleted.',
}: NotFoundProps) {
  return (
    <Page title="Not found">
      <EmptyState
        icon={<SearchX className="size-7" strokeWidth={1.5} aria-hidden />}
        title={title}
        action={
          <ButtonLink variant="primary" to="/workspaces">
            Go to workspaces
          </ButtonLink>
        }
      >
        {text}
      </EmptyState>
    </Page>
  )
}
